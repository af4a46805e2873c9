/** ProtectClock=. Facts: systemd.exec(5); capability drops and the EPERM of even reading calls measured on systemd 257. */

import { expandGroup } from "../../kernel/syscalls/groups.ts";
import { setting } from "../../sandbox/origin.ts";
import { booleanDirective, worthTrying } from "../_boolean.ts";
import { dropCapabilities } from "../_capabilities.ts";
import { refuseCalls } from "../_filter.ts";
import type { Directive } from "../directive.ts";

const BY = setting("ProtectClock", "yes");

/** Nobody sets the machine's clock. Its read access to the RTC device is part of DevicePolicy=. */
export const protectClock: Directive<boolean> = booleanDirective({
  name: "ProtectClock",
  since: 245,
  group: "kernel",
  summary: "Keeps the service from setting the system clock or the hardware clock.",
  breaks: "Time synchronisation, and programs that read the clock's state with adjtimex.",
  broke: [{ sentence: "systemd-udevd had it dropped by SUSE.", reference: "bsc#1226414" }],
  weight: 1000,
  implies: (value) => (value ? ["CapabilityBoundingSet=~CAP_SYS_TIME CAP_WAKE_ALARM"] : []),
  requires: [],
  ineffective: [
    "Before systemd 252 it closes all devices but the pseudo-devices and the hardware clock, as DeviceAllow= does.",
  ],
  walls: () => [dropCapabilities(BY, "CAP_SYS_TIME", "CAP_WAKE_ALARM")],
  filter: { turn: 100, walls: (facts) => [refuseCalls(BY, expandGroup("@clock"), "EPERM", facts)] },
  ladder: worthTrying("was not seen to set the clock, or to ask how it is disciplined"),
});
