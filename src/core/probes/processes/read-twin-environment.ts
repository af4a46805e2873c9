/** Reads the environment of a service of the same user. */
import { againstTwin, environmentSteps } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: read the environment of another service of the same user. */
export const readTwinEnvironment: Probe = {
  id: "read-twin-environment",
  title: "read the environment of another service of the same user",
  gain: "Passwords that were handed over in variables.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => againstTwin(machine, (twin) => environmentSteps(machine, twin)),
};
