/**
 * Writes a file to /tmp and maps it as code, as a program does with a library; nothing runs it. This needs neither execve(2) nor an
 * execute bit, only a place that is not mounted noexec. Facts: mmap(2), path_noexec() in do_mmap() of the kernel's mm/mmap.c.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { call, createNeed, mapCode, number, step, text, withoutDirectory } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: load a dropped library. */
export const loadFromTmp: Probe = {
  id: "load-from-tmp",
  title: "load a dropped library from /tmp",
  gain: "Machine code of the intruder's own in the service itself, without running a program.",
  goals: ["own-program"],
  steps: (machine) => {
    const path = `/tmp/cloison-load-${machine.token}`;
    const flags = OPEN_FLAGS.O_RDWR | OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL | OPEN_FLAGS.O_CLOEXEC;
    const create = call("openat", number(AT_FDCWD), text(path), number(flags), number(0o600));
    return (
      withoutDirectory(machine, "/tmp") ?? [
        step("create", create, [createNeed(machine, path, "file", 0o600)]),
        // Whose file it is and its mode do not matter any more: it is open.
        ...mapCode("create", [{ kind: "path", path, access: "execute" }]),
      ]
    );
  },
};
