/** Moves the probe's own process to a real-time class. Facts: sched_setscheduler(2), sched(7). */

import { littleEndian } from "../../kernel/bytes.ts";
import { SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { bytes, call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: starve the machine. */
export const runInRealTime: Probe = {
  id: "run-in-real-time",
  title: "run with real-time priority",
  gain: "The processor for oneself: everything else on the machine starves.",
  goals: ["switch-off", "use-up"],
  steps: () => [
    step(
      "schedule",
      call("sched_setscheduler", number(0), number(SCHEDULER_POLICIES.SCHED_FIFO), bytes(littleEndian(1, 4))),
      [{ kind: "real-time", policy: "SCHED_FIFO", priority: 1 }],
    ),
  ],
};
