/**
 * Who gets machine code of its own into its memory has what a ban on writable and executable memory is to keep from it, whether that is
 * a property of the process or a filter. Facts: proc_pid_mem(5), memfd_create(2), PR_SET_MDWE in prctl(2).
 */
import { loadFromTmp } from "../../probes/files/load-from-tmp.ts";
import { mapWrittenMemory } from "../../probes/memory/map-written-memory.ts";
import { writeProcMem } from "../../probes/memory/write-proc-mem.ts";
import type { Power } from "../power.ts";
import { besideFilters } from "./_filters.ts";

/** Calls that make memory executable. */
const CALLS = ["mmap", "mprotect", "pkey_mprotect", "shmat"] as const;

/** The power: run machine code of one's own in the service. */
export const ownCode: Power = {
  id: "own-code",
  title: "writes code of its own into its memory",
  follows: "Bans on memory that is both writable and executable are of no use.",
  ways: [writeProcMem, mapWrittenMemory, loadFromTmp],
  gives: ({ walls }) => ({
    walls: walls.filter(({ kind }) => kind !== "write-xor-execute").map((wall) => besideFilters(wall, CALLS)),
  }),
};
