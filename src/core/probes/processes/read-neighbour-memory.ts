/** Reads eight bytes at an address that nobody has mapped: EFAULT comes after the permission check. Facts: process_vm_readv(2). */
import { call, number, room, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const UNMAPPED = 0x1000;

/** The attack: read another process's memory. */
export const readNeighbourMemory: Probe = {
  id: "read-neighbour-memory",
  title: "read another service's memory",
  gain: "Keys and requests as they pass through it.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => {
    const { pid, process } = machine.neighbour;
    const here = { kind: "pointers", to: [room(8), number(8)] } as const;
    const there = { kind: "pointers", to: [number(UNMAPPED), number(8)] } as const;
    return [
      step(
        "read",
        call("process_vm_readv", number(pid), here, number(1), there, number(1), number(0)),
        [{ kind: "process", operation: "trace", target: process }],
        { past: ["EFAULT"] },
      ),
    ];
  },
};
