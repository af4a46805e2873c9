/** Whether 32-bit programs may trace where others may not. Facts: ptrace(2). */
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";
import { traceNeighbour } from "../processes/trace-neighbour.ts";

/** The attack: trace another service, through the 32-bit interface. */
export const traceNeighbourThroughI386: Probe = through("i386", traceNeighbour);
