/**
 * Executes a file in memory by the name that its descriptor has below /proc: where execveat(2) is refused, execve(2) does as well. The
 * name leads to the file itself, so that noexec of /proc says nothing. Facts: memfd_create(2), proc_pid_fd(5).
 */
import { call, NAMED, nameDescriptor, number, reporter, step, text, writeStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: run a program from anonymous memory by a name. */
export const runMemoryByName: Probe = {
  id: "run-memory-by-name",
  title: "run a program from anonymous memory by its name in /proc",
  gain: "Any tool, around filters that know only execveat.",
  goals: ["own-program"],
  steps: () => {
    const argv = { kind: "pointers", to: [text("x"), number(0)] } as const;
    return [
      step("memory", call("memfd_create", text("x"), number(0))),
      writeStep("write", "memory", reporter(3)),
      nameDescriptor("memory", 0),
      step("run", call("execve", text(NAMED), argv, number(0)), [{ kind: "path", path: NAMED, access: "look" }]),
    ];
  },
};
