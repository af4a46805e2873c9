/**
 * Enters PID 1's mount namespace by a descriptor of the process, until the probe ends: no file of /proc is opened. In a PID namespace of
 * its own the service is PID 1 itself: that it is not is the first step. Facts: pidfd_open(2), setns(2), since Linux 5.8.
 */
import { NAMESPACE_FLAGS } from "../../kernel/namespace.ts";
import { call, INIT, number, resultOf, step } from "../act.ts";
import { MAY_ENTER, notPidOneStep } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: enter PID 1's mount namespace without /proc. */
export const enterInitByPidfd: Probe = {
  id: "enter-init-by-pidfd",
  title: "enter the mount namespace of PID 1 by a process descriptor",
  gain: "All files as PID 1 sees them, also where /proc shows nothing of it.",
  goals: ["read-secrets", "change-data"],
  steps: () => [
    notPidOneStep(),
    step("process", call("pidfd_open", number(1), number(0))),
    step("enter", call("setns", resultOf("process"), number(NAMESPACE_FLAGS.mnt)), [
      { kind: "process", operation: "enter", target: INIT },
      ...MAY_ENTER,
    ]),
  ],
};
