/** CPUSchedulingResetOnFork=. Facts: systemd.exec(5), "SCHED_RESET_ON_FORK" in sched(7). */
import { booleanDirective } from "../_boolean.ts";
import { type Directive, never } from "../directive.ts";

/** It stays with the process: without CAP_SYS_NICE it cannot be taken back. */
export const cpuSchedulingResetOnFork: Directive<boolean> = booleanDirective({
  name: "CPUSchedulingResetOnFork",
  since: 1,
  group: "resources",
  summary: "Gives the children of the service the ordinary scheduling class, whatever class it has itself.",
  breaks: "Services whose work is done in real time by children.",
  requires: [],
  ineffective: ["It does nothing without CPUSchedulingPolicy=."],
  walls: () => [],
  ladder: never("Without CPUSchedulingPolicy= it does nothing, and that Cloison does not set."),
});
