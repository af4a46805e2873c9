/** ProtectKernelModules=. Facts: systemd.exec(5); mount table and filter measured on systemd 257. */

import { expandGroup } from "../../kernel/syscalls/groups.ts";
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { dropCapabilities } from "../_capabilities.ts";
import { refuseCalls } from "../_filter.ts";
import { INACCESSIBLE, mountWall } from "../_mount.ts";
import type { Directive } from "../directive.ts";

const BY = setting("ProtectKernelModules", "yes");

/** The service loads and unloads no kernel modules itself. */
export const protectKernelModules: Directive<boolean> = booleanDirective({
  name: "ProtectKernelModules",
  since: 232,
  group: "kernel",
  summary: "Keeps the service from loading or unloading kernel modules, and hides the module files.",
  breaks: "Firewalls, VPN and storage daemons that load the modules they need themselves.",
  weight: 1000,
  implies: (value) => (value ? ["CapabilityBoundingSet=~CAP_SYS_MODULE", "PrivateMounts=yes"] : []),
  requires: [],
  ineffective: ["The kernel still loads a module on its own when somebody asks for a protocol or file system."],
  walls: () => [dropCapabilities(BY, "CAP_SYS_MODULE"), mountWall(BY, "-/usr/lib/modules", INACCESSIBLE)],
  filter: { turn: 80, walls: (facts) => [refuseCalls(BY, expandGroup("@module"), "EPERM", facts)] },
  ladder: worthTrying("was not seen to load a kernel module"),
});
