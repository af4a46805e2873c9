/** Attaches another service's shared memory, read-only. Facts: sysvipc(7), shmat(2). */
import { SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { call, number, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read another service's shared memory. */
export const attachNeighbourMemory: Probe = {
  id: "attach-neighbour-memory",
  title: "attach another service's shared memory",
  gain: "What that service keeps there, and often a way to crash it.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => {
    const { shmKey, shmMode, process } = machine.neighbour;
    const need = { kind: "ipc", object: "sysv", uid: process.uid, mode: shmMode } as const;
    return [
      step("get", call("shmget", number(shmKey), number(0), number(0)), [need]),
      step("attach", call("shmat", resultOf("get"), number(0), number(SHM_FLAGS.SHM_RDONLY)), [need]),
    ];
  },
};
