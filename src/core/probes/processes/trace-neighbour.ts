/** Attaches to the process of another user's service. */
import { seizeSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: trace another service's process. */
export const traceNeighbour: Probe = {
  id: "trace-neighbour",
  title: "attach to another service's process as a debugger",
  gain: "Its memory, its files, its connections, its identity.",
  goals: ["become-another", "read-secrets", "spy-or-stop"],
  steps: ({ neighbour }) => seizeSteps(neighbour),
};
