/** Reads a file below /home that only its owner, another service, may read. */
import { readFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read another service's secret. */
export const readNeighbourSecret: Probe = {
  id: "read-neighbour-secret",
  title: "read another service's secret",
  gain: "Keys and passwords of a service that has nothing to do with this one.",
  goals: ["read-secrets"],
  steps: (machine) => readFile(machine, machine.neighbour.secret),
};
