/** PrivateIPC=. Facts: systemd.exec(5), ipc_namespaces(7); the fresh /dev/mqueue measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { mountWall } from "../_mount.ts";
import type { Directive } from "../directive.ts";
import { ipcNamespacePath } from "./ipc-namespace-path.ts";

const BY = setting("PrivateIPC", "yes");

/** Shared memory and message queues of its own. */
export const privateIpc: Directive<boolean> = booleanDirective({
  name: "PrivateIPC",
  since: 248,
  group: "ipc",
  summary: "Keeps the service from the System V shared memory and the message queues of all others.",
  breaks: "Services that meet others in System V IPC or POSIX message queues.",
  implies: (value) => (value ? ["PrivateMounts=yes"] : []),
  requires: [],
  ineffective: [
    "POSIX shared memory lies in /dev/shm and is not covered.",
    "Where namespaces are refused it is left out with a notice in the log.",
  ],
  walls: (facts) =>
    facts.valueOf(ipcNamespacePath) === ""
      ? [
          { kind: "namespace", by: BY, namespace: "ipc" },
          mountWall(BY, "/dev/mqueue", { kind: "fresh", filesystem: "mqueue" }),
        ]
      : [],
  ladder: worthTrying("was not seen to share memory or queues with others"),
});
