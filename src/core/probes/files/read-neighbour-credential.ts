/** Reads what systemd has handed to another service alone. Facts: systemd.exec(5) "LoadCredential=". */
import { readFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read another service's credential. */
export const readNeighbourCredential: Probe = {
  id: "read-neighbour-credential",
  title: "read another service's credential",
  gain: "Passwords that systemd was trusted with, decrypted.",
  goals: ["read-secrets"],
  steps: (machine) => readFile(machine, machine.kept.credential),
};
