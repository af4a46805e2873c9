/** PrivateTmp=. Facts: systemd.exec(5); what disconnected (257) mounts measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import type { MountMode } from "../../sandbox/wall.ts";
import { choiceDirective } from "../_choice.ts";
import { mountWalls } from "../_mount.ts";
import type { Directive } from "../directive.ts";
import { joinsNamespaceOf } from "../namespaces/joins-namespace-of.ts";

type Value = "disconnected" | "yes" | "no";

/** Temporary files of its own, gone when the service stops. */
export const privateTmp: Directive<Value> = choiceDirective<Value>({
  name: "PrivateTmp",
  since: 1,
  group: "files",
  summary: "Gives the service a /tmp and /var/tmp of its own, so that it neither sees nor plants files of others.",
  breaks: "Services that meet others through files or sockets in /tmp.",
  broke: [
    {
      sentence: "nvme-cli's unit, which runs before local-fs-pre.target, got into an ordering cycle.",
      reference: "linux-nvme/nvme-cli#2284",
    },
  ],
  weight: 1000,
  implies: (value) => (value === "no" ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: ["With yes, units joined by JoinsNamespaceOf= share it."],
  values: ["disconnected", "yes", "no"],
  initial: "no",
  newer: { disconnected: 257 },
  walls: (value, facts) => {
    const shared = value === "yes" && facts.valueOf(joinsNamespaceOf).length > 0;
    const mode: MountMode = { kind: "private", ...(shared ? { shared } : {}) };
    return value === "no" ? [] : mountWalls(setting("PrivateTmp", value), mode, "/tmp", "/var/tmp");
  },
  // disconnected keeps the files in memory: whether that is enough cannot be told from what was seen.
  ladder: () => [{ value: "yes", reason: "was not seen to share temporary files with others" }],
});
