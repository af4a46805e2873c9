/** Executes a program that lies in no file system. Facts: memfd_create(2), execveat(2). */
import { AT_FLAGS } from "../../kernel/at-flags.ts";
import { bytes, call, number, reporter, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

const MEMFD_CLOEXEC = 1;

/** The attack: run a program from anonymous memory. */
export const runFromMemory: Probe = {
  id: "run-from-memory",
  title: "run a program from anonymous memory",
  gain: "Any tool, although no directory that can be written is executable.",
  goals: ["own-program"],
  steps: () => {
    const program = reporter(2);
    return [
      step("memory", call("memfd_create", text("x"), number(MEMFD_CLOEXEC))),
      step("write", call("write", resultOf("memory"), bytes(program), number(program.length)), [], {
        atLeast: program.length,
      }),
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
    ];
  },
};
