/**
 * Who gets machine code of its own into its memory has what a ban on writable and executable memory is to keep from it, whether that is
 * a property of the process or a filter. Facts: proc_pid_mem(5), memfd_create(2), PR_SET_MDWE in prctl(2).
 */
import { numberOf } from "../../kernel/syscalls/syscall.ts";
import { MACHINE } from "../../probes/act.ts";
import { loadFromTmp } from "../../probes/files/load-from-tmp.ts";
import { mapWrittenMemory } from "../../probes/memory/map-written-memory.ts";
import { writeProcMem } from "../../probes/memory/write-proc-mem.ts";
import type { Wall } from "../../sandbox/wall.ts";
import { letsThrough, possible } from "../../seccomp/policy/evaluate.ts";
import { withoutFilterOf } from "../open-filter.ts";
import type { Power } from "../power.ts";

/** Calls that make memory executable. */
const CALLS: readonly number[] = ["mmap", "mprotect", "pkey_mprotect", "shmat"].flatMap(
  (name) => numberOf(MACHINE.abi, name) ?? [],
);

/** Whether a filter has a say in whether memory becomes executable. */
function isAbout({ policy }: Extract<Wall, { readonly kind: "filter" }>): boolean {
  return CALLS.some((number) =>
    possible(policy, { abi: MACHINE.abi, number, arguments: [] }).some((action) => !letsThrough(action)),
  );
}

function without(wall: Wall): readonly Wall[] {
  if (wall.kind === "write-xor-execute") {
    return [];
  }
  return wall.kind === "filter" && isAbout(wall) ? withoutFilterOf([wall], CALLS).walls : [wall];
}

/** The power: run machine code of one's own in the service. */
export const ownCode: Power = {
  id: "own-code",
  title: "writes code of its own into its memory",
  follows: "Bans on memory that is both writable and executable are of no use.",
  ways: [writeProcMem, mapWrittenMemory, loadFromTmp],
  gives: ({ walls }) => ({ walls: walls.flatMap(without) }),
};
