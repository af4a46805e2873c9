/** Makes memory executable that was written to before. Facts: mprotect(2), PR_SET_MDWE in prctl(2). */
import { MAP_FLAGS, PROT_FLAGS } from "../../kernel/memory-flags.ts";
import { call, number, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: turn data into code. */
export const makeExecutable: Probe = {
  id: "make-executable",
  title: "turn data into code",
  gain: "Machine code injected through a flaw becomes runnable.",
  goals: ["own-program"],
  steps: () => {
    const writable = PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_WRITE;
    const executable = PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_EXEC;
    const flags = MAP_FLAGS.MAP_PRIVATE | MAP_FLAGS.MAP_ANONYMOUS;
    return [
      step("map", call("mmap", number(0), number(4096), number(writable), number(flags), number(-1), number(0)), [
        { kind: "memory", operation: "map", writable: true, executable: false },
      ]),
      step("protect", call("mprotect", resultOf("map"), number(4096), number(executable)), [
        { kind: "memory", operation: "protect", writable: false, executable: true },
      ]),
    ];
  },
};
