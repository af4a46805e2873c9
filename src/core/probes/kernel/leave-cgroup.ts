/** Opens the process list of another service's cgroup for writing and moves nobody. Facts: cgroups(7). */
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: move to another cgroup. */
export const leaveCgroup: Probe = {
  id: "leave-cgroup",
  title: "move to another cgroup",
  gain: "Out of the limits on memory, processes and devices.",
  goals: ["use-up"],
  steps: (machine) => {
    const path = `${machine.neighbour.cgroup}/cgroup.procs`;
    if (machine.file(path) === undefined) {
      return { notApplicable: "there is no unified cgroup hierarchy" };
    }
    return [openStep(machine, path, "write")];
  },
};
