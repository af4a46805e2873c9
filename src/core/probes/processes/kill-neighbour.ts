/** Signals another user's service. */
import { signalSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: kill another service. */
export const killNeighbour: Probe = {
  id: "kill-neighbour",
  title: "kill another service",
  gain: "Any service of the machine stopped, at will.",
  goals: ["spy-or-stop"],
  steps: ({ neighbour }) => signalSteps(neighbour),
};
