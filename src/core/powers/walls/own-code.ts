/**
 * Machine code of one's own in memory is what a ban on writable and executable memory is there to prevent, be it a property of the
 * process or a filter. Facts: proc_pid_mem(5), memfd_create(2), PR_SET_MDWE in prctl(2).
 */
import { numberOf } from "../../kernel/syscalls/syscall.ts";
import { MACHINE } from "../../probes/act.ts";
import { loadFromTmp } from "../../probes/files/load-from-tmp.ts";
import { mapWrittenMemory } from "../../probes/memory/map-written-memory.ts";
import { writeProcMem } from "../../probes/memory/write-proc-mem.ts";
import { withoutFilterOf } from "../open-filter.ts";
import type { Power } from "../power.ts";

/** Calls that make memory executable. */
const CALLS: readonly number[] = ["mmap", "mprotect", "pkey_mprotect", "shmat"].flatMap(
  (name) => numberOf(MACHINE.abi, name) ?? [],
);

/** The power: run machine code of one's own in the service. */
export const ownCode: Power = {
  id: "own-code",
  title: "writes code of its own into its memory",
  follows: "Bans on memory that is both writable and executable are of no use.",
  ways: [writeProcMem, mapWrittenMemory, loadFromTmp],
  gives: ({ walls }) =>
    withoutFilterOf(
      walls.filter(({ kind }) => kind !== "write-xor-execute"),
      CALLS,
    ),
};
