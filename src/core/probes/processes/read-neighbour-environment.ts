/** Reads the environment of another user's service. */
import { environmentSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: read another service's environment. */
export const readNeighbourEnvironment: Probe = {
  id: "read-neighbour-environment",
  title: "read another service's environment",
  gain: "Passwords that were handed over in variables.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => environmentSteps(machine, machine.neighbour),
};
