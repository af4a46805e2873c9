/** A call that has a number of its own in x32. Facts: ptrace(2), arch/x86/entry/syscalls/syscall_64.tbl. */
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";
import { traceNeighbour } from "../processes/trace-neighbour.ts";

/** The attack: trace another service, through the x32 interface. */
export const traceNeighbourThroughX32: Probe = through("x32", traceNeighbour);
