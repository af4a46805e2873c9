/** Attaches shared memory of its own as executable. Facts: shmget(2), shmat(2). */
import { SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { call, number, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const IPC_PRIVATE = 0;

/** The attack: executable shared memory. */
export const attachExecutable: Probe = {
  id: "attach-executable",
  title: "attach shared memory as executable",
  gain: "Injected code, around the guards on mmap and mprotect.",
  goals: ["own-program"],
  steps: () => [
    step("get", call("shmget", number(IPC_PRIVATE), number(4096), number(0o700))),
    step("attach", call("shmat", resultOf("get"), number(0), number(SHM_FLAGS.SHM_EXEC)), [
      { kind: "memory", operation: "attach", writable: true, executable: true },
    ]),
  ],
};
