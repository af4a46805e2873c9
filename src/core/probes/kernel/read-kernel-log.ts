/** Asks how much of the kernel log is unread, which is refused like reading it and consumes nothing. Facts: syslog(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** SYSLOG_ACTION_SIZE_UNREAD */
const SIZE_UNREAD = 9;

/** The attack: read the kernel log. */
export const readKernelLog: Probe = {
  id: "read-kernel-log",
  title: "read the kernel log",
  gain: "Addresses, devices and faults of the kernel.",
  goals: ["read-secrets"],
  steps: () => [
    step("syslog", call("syslog", number(SIZE_UNREAD), number(0), number(0)), [
      { kind: "capability", capability: "CAP_SYSLOG", over: "init" },
    ]),
  ],
};
