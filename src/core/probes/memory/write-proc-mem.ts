/**
 * Writes the first byte of the probe's own program over itself, through /proc/self/mem: the page is mapped read-only and executable, and
 * the kernel writes to it all the same, in a copy. A process that has changed its user is not dumpable, so the probe makes itself
 * dumpable first. Facts: proc_pid_mem(5), FOLL_FORCE in mem_rw() of the kernel's fs/proc/base.c, PR_SET_DUMPABLE in prctl(2).
 */
import { CODE_BASE } from "../../elf/image.ts";
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { PRCTL_OPTIONS } from "../../kernel/prctl-option.ts";
import { bytes, call, number, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The first byte of every ELF file. */
const FIRST_BYTE = 0x7f;

/** The attack: rewrite one's own code in memory. */
export const writeProcMem: Probe = {
  id: "write-proc-mem",
  title: "write its own code through /proc/self/mem",
  gain: "Machine code of the intruder's own, although no memory is both writable and executable.",
  goals: ["own-program"],
  steps: () => {
    const path = "/proc/self/mem";
    const flags = OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_CLOEXEC;
    return [
      step(
        "dumpable",
        call("prctl", number(PRCTL_OPTIONS.PR_SET_DUMPABLE), number(1), number(0), number(0), number(0)),
        [],
        {
          optional: true,
        },
      ),
      step("open", call("openat", number(AT_FDCWD), text(path), number(flags), number(0)), [
        { kind: "path", path, access: "write" },
      ]),
      step("write", call("pwrite64", resultOf("open"), bytes([FIRST_BYTE]), number(1), number(CODE_BASE)), [], {
        atLeast: 1,
      }),
    ];
  },
};
