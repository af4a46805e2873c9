/** Writes a program of a few hundred bytes to /dev/shm and executes it; all it does is to report that it ran. */
import { dropAndRun } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: run a dropped program from shared memory. */
export const runFromShm: Probe = {
  id: "run-from-shm",
  title: "run a dropped program from shared memory",
  gain: "Any tool, without a trace on the disk.",
  goals: ["own-program"],
  steps: (machine) => dropAndRun(machine, "/dev/shm"),
};
