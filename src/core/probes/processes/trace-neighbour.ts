/** Attaches to another service's process without stopping it; the kernel lets go when the probe ends. Facts: ptrace(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const PTRACE_SEIZE = 0x4206;

/** The attack: trace another service's process. */
export const traceNeighbour: Probe = {
  id: "trace-neighbour",
  title: "attach to another service's process as a debugger",
  gain: "Its memory, its files, its connections, its identity.",
  goals: ["become-another", "read-secrets", "spy-or-stop"],
  steps: (machine) => {
    const { pid, process } = machine.neighbour;
    return [
      step("seize", call("ptrace", number(PTRACE_SEIZE), number(pid), number(0), number(0)), [
        { kind: "process", operation: "trace", target: process },
      ]),
    ];
  },
};
