/** Executes a program that lies in no file system. Facts: memfd_create(2), execveat(2). */
import { AT_FLAGS } from "../../kernel/at-flags.ts";
import { MEMFD_FLAGS } from "../../kernel/memory-flags.ts";
import { call, number, reporter, resultOf, step, text, writeStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: run a program from anonymous memory. */
export const runFromMemory: Probe = {
  id: "run-from-memory",
  title: "run a program from anonymous memory",
  gain: "Any tool, although no directory that can be written is executable.",
  goals: ["own-program"],
  steps: () => [
    step("memory", call("memfd_create", text("x"), number(MEMFD_FLAGS.MFD_CLOEXEC))),
    writeStep("write", "memory", reporter(2)),
    step(
      "run",
      call(
        "execveat",
        resultOf("memory"),
        text(""),
        { kind: "pointers", to: [text("x"), number(0)] },
        number(0),
        number(AT_FLAGS.AT_EMPTY_PATH),
      ),
    ),
  ],
};
