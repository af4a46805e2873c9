/** Reads a file in /var/lib that only its owner, another service, may read. */
import { readFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read what another service keeps in its state directory. */
export const readNeighbourState: Probe = {
  id: "read-neighbour-state",
  title: "read another service's data in /var/lib",
  gain: "Its database, with all that people trusted it with.",
  goals: ["read-secrets"],
  steps: (machine) => readFile(machine, machine.kept.state),
};
