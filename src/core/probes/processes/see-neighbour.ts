/** Looks at another service's process. Facts: hidepid= in proc(5). */
import { openStep, readStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: see other processes. */
export const seeNeighbour: Probe = {
  id: "see-neighbour",
  title: "see the processes of other services",
  gain: "What runs here, as whom, with which arguments: a map for the next step.",
  goals: ["spy-or-stop"],
  steps: (machine) => [
    openStep(machine, `/proc/${machine.neighbour.pid}/status`, "read", { place: "/proc/[pid]/status" }),
    readStep(),
  ],
};
