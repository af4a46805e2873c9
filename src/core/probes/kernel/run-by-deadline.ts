/**
 * Moves the probe's own process to the deadline class, which comes before all real-time priorities, for a hundredth of one processor.
 * That there is no room for it (EBUSY) is found out after the permission. Facts: sched_setattr(2), sched(7).
 */
import { SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { bytes, call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";
import { schedulingAttributes } from "./_scheduling.ts";

const RUNTIME = 10_000_000;
const DEADLINE = 1_000_000_000;

/** The attack: starve the machine by deadlines. */
export const runByDeadline: Probe = {
  id: "run-by-deadline",
  title: "run with deadlines",
  gain: "Processor time before everything else, real-time programs included.",
  goals: ["switch-off", "use-up"],
  steps: () => {
    const policy = SCHEDULER_POLICIES.SCHED_DEADLINE;
    const attributes = schedulingAttributes({ policy, runtime: RUNTIME, deadline: DEADLINE });
    return [
      step(
        "schedule",
        call("sched_setattr", number(0), bytes(attributes), number(0)),
        [{ kind: "real-time", policy: "SCHED_DEADLINE" }],
        { past: ["EBUSY"] },
      ),
    ];
  },
};
