/** Writes a program to the service's own state directory and executes it; all it does is to report that it ran. */
import { dropAndRun } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: run an uploaded program from the state directory. */
export const runFromState: Probe = {
  id: "run-from-state",
  title: "run an uploaded program from the state directory",
  gain: "Any tool that an upload form accepts.",
  goals: ["own-program"],
  steps: (machine) => {
    const directory = machine.unit.stateDirectories.find((path) => machine.file(path)?.type === "directory");
    if (directory === undefined) {
      return { notApplicable: "the unit has no state directory" };
    }
    return dropAndRun(machine, directory);
  },
};
