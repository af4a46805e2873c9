/**
 * Reads a secret of root's through /proc/1/root, where PID 1's mounts are seen and not the service's own. In a PID namespace of its own
 * the service is PID 1 itself: that it is not is the first step. Facts: proc_pid_root(5), "Ptrace access mode checking" in ptrace(2).
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { call, INIT, number, readStep, step, text } from "../act.ts";
import { notPidOneStep } from "../another-process.ts";
import type { Probe } from "../probe.ts";

/** The attack: look at files through PID 1's root. */
export const readThroughInitRoot: Probe = {
  id: "read-through-init-root",
  title: "read a secret through PID 1's root directory",
  gain: "Every file as PID 1 sees it, past all mounts of the service.",
  goals: ["read-secrets"],
  steps: (machine) => {
    const secret = machine.rootSecret;
    const file = machine.file(secret);
    if (file === undefined) {
      return { notApplicable: `there is no ${secret}` };
    }
    const path = `/proc/1/root${secret}`;
    const flags = OPEN_FLAGS.O_RDONLY | OPEN_FLAGS.O_CLOEXEC;
    return [
      notPidOneStep(),
      step("open", call("openat", number(AT_FDCWD), text(path), number(flags), number(0)), [
        { kind: "path", path, access: "read", file, process: INIT },
      ]),
      readStep(),
    ];
  },
};
