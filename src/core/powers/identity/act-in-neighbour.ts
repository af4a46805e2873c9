/** Who may trace a process acts in it: with its identity, behind its walls. Facts: ptrace(2), process_vm_writev(2). */
import { readNeighbourMemory } from "../../probes/processes/read-neighbour-memory.ts";
import { traceNeighbour } from "../../probes/processes/trace-neighbour.ts";
import { behind } from "../../sandbox/judge.ts";
import { NO_WALLS, type Power } from "../power.ts";

/** The power: act in another service's process. That one has no walls but its user, as most services. */
export const actInNeighbour: Power = {
  id: "act-in-neighbour",
  title: "acts in another service's process",
  follows: "What that service may do, the intruder does, behind its walls and not behind these.",
  ways: [traceNeighbour, readNeighbourMemory],
  gives: (_, { neighbour }) => behind(NO_WALLS, neighbour.process),
};
