/** ProtectKernelLogs=. Facts: systemd.exec(5); mount table and filter measured on systemd 257. */
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { dropCapabilities } from "../_capabilities.ts";
import { refuseCalls } from "../_filter.ts";
import { INACCESSIBLE, mountWalls } from "../_mount.ts";
import type { Directive } from "../directive.ts";

const BY = setting("ProtectKernelLogs", "yes");

/** The kernel's log is neither read nor written. */
export const protectKernelLogs: Directive<boolean> = booleanDirective({
  name: "ProtectKernelLogs",
  since: 244,
  group: "kernel",
  summary: "Hides the kernel's log, which tells addresses and devices, and keeps the service from writing to it.",
  breaks: "Programs that read kernel messages, such as log collectors and crash reporters.",
  weight: 1000,
  implies: (value) => (value ? ["CapabilityBoundingSet=~CAP_SYSLOG", "PrivateMounts=yes"] : []),
  requires: [],
  ineffective: [],
  walls: () => [dropCapabilities(BY, "CAP_SYSLOG"), ...mountWalls(BY, INACCESSIBLE, "-/proc/kmsg", "-/dev/kmsg")],
  filter: { turn: 90, walls: (facts) => [refuseCalls(BY, ["syslog"], "EPERM", facts)] },
  ladder: worthTrying("was not seen to use the kernel's log"),
});
