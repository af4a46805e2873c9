/** Writes a program of a few hundred bytes to /tmp and executes it; all it does is to report that it ran. */
import { dropAndRun } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: run a dropped program from /tmp. */
export const runFromTmp: Probe = {
  id: "run-from-tmp",
  title: "run a dropped program from /tmp",
  gain: "Any tool the intruder can upload.",
  goals: ["own-program"],
  steps: (machine) => dropAndRun(machine, "/tmp"),
};
