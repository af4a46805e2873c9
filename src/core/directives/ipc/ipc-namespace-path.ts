/**
 * IPCNamespacePath=. Facts: systemd.exec(5), ipc_namespaces(7); that it wins over PrivateIPC=, and the mqueue file system
 * that comes with it: systemd's exec-invoke.c and namespace.c. Read and judged; never proposed.
 */
import { setting } from "../../sandbox/origin.ts";
import { placeDirective } from "../_place.ts";
import { type Directive, never, type PlainWall } from "../directive.ts";

/** Where the machine's own IPC namespace is found, whatever else is. */
const MACHINE = "/proc/1/ns/ipc";

/** Shared memory and queues of a namespace that somebody else has made. */
export const ipcNamespacePath: Directive<string> = placeDirective({
  name: "IPCNamespacePath",
  since: 248,
  group: "ipc",
  summary: "Puts the service into an IPC namespace that exists already.",
  breaks: "Services that meet others in IPC objects outside of it, and the start if the namespace is missing.",
  implies: (value) => (value === "" ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: [
    `${MACHINE} is the machine's own namespace, also beside PrivateIPC=.`,
    "POSIX shared memory lies in /dev/shm and is not covered.",
  ],
  samples: [MACHINE],
  walls: (value) => {
    if (value === "") {
      return [];
    }
    const by = setting("IPCNamespacePath", value);
    const other: PlainWall = { kind: "unmodelled", by, about: ["ipc"], opens: true };
    return [...(value === MACHINE ? [] : [other]), { kind: "namespace", by, namespace: "mnt" }];
  },
  ladder: never("The namespace has to be made first; PrivateIPC= gives one that nobody shares."),
});
