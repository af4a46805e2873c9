/**
 * Writes a file to /tmp and maps it as code, as a program does with a library; nothing runs it. Neither execve(2) nor an execute bit is
 * needed, a place that is not noexec is. Facts: mmap(2), path_noexec() in do_mmap() of the kernel's mm/mmap.c.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { MAP_FLAGS, PROT_FLAGS } from "../../kernel/memory-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { bytes, call, createNeed, number, resultOf, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** ret */
const CODE = [0xc3];

/** The attack: load a dropped library. */
export const loadFromTmp: Probe = {
  id: "load-from-tmp",
  title: "load a dropped library from /tmp",
  gain: "Machine code of the intruder's own in the service itself, without running a program.",
  goals: ["own-program"],
  steps: (machine) => {
    if (machine.file("/tmp")?.type !== "directory") {
      return { notApplicable: "there is no directory /tmp" };
    }
    const path = `/tmp/cloison-load-${machine.token}`;
    const flags = OPEN_FLAGS.O_RDWR | OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL | OPEN_FLAGS.O_CLOEXEC;
    const protection = PROT_FLAGS.PROT_READ | PROT_FLAGS.PROT_EXEC;
    return [
      step("create", call("openat", number(AT_FDCWD), text(path), number(flags), number(0o600)), [
        createNeed(machine, path, "file", 0o600),
      ]),
      step("write", call("write", resultOf("create"), bytes(CODE), number(CODE.length)), [], { atLeast: CODE.length }),
      step(
        "map",
        call(
          "mmap",
          number(0),
          number(4096),
          number(protection),
          number(MAP_FLAGS.MAP_PRIVATE),
          resultOf("create"),
          number(0),
        ),
        [
          // Whose file it is and its mode do not matter any more: it is open.
          { kind: "path", path, access: "execute" },
          { kind: "memory", operation: "map", writable: false, executable: true },
        ],
      ),
    ];
  },
};
