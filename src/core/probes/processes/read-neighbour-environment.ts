/** Reads another service's environment. Facts: proc_pid_environ(5), "Ptrace access mode checking" in ptrace(2). */
import { openStep, readStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read another service's environment. */
export const readNeighbourEnvironment: Probe = {
  id: "read-neighbour-environment",
  title: "read another service's environment",
  gain: "Passwords that were handed over in variables.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => {
    const { pid, process } = machine.neighbour;
    const path = `/proc/${pid}/environ`;
    const needs = [{ kind: "process", operation: "inspect", target: process }] as const;
    return [openStep(machine, path, "read", { place: "/proc/[pid]/environ", needs }), readStep()];
  },
};
