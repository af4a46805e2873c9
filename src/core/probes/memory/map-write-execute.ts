/** Maps memory that is writable and executable at once. Facts: mmap(2), PR_SET_MDWE in prctl(2). */
import { MAP_FLAGS, PROT_FLAGS } from "../../kernel/memory-flags.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: memory for injected code. */
export const mapWriteExecute: Probe = {
  id: "map-write-execute",
  title: "get memory that is writable and executable",
  gain: "A place to put machine code and run it.",
  goals: ["own-program"],
  steps: () => {
    const protection = PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_WRITE | PROT_FLAGS.PROT_EXEC;
    const flags = MAP_FLAGS.MAP_PRIVATE | MAP_FLAGS.MAP_ANONYMOUS;
    return [
      step("map", call("mmap", number(0), number(4096), number(protection), number(flags), number(-1), number(0)), [
        { kind: "memory", operation: "map", writable: true, executable: true },
      ]),
    ];
  },
};
