/**
 * Opens a file without a name, whose mode has the set-user-ID bit from its birth, and gives it a name. No call is made whose mode a
 * filter looks at: openat(2) with O_TMPFILE is without O_CREAT. Facts: open(2), linkat(2).
 */
import { AT_FDCWD, AT_FLAGS } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { call, createNeed, NAMED, nameDescriptor, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a set-user-ID program from a nameless file. */
export const linkSetUserId: Probe = {
  id: "link-set-user-id",
  title: "make a set-user-ID program from a nameless file",
  gain: "The same as chmod's, around filters that know only the calls with a mode.",
  goals: ["come-back", "become-another"],
  steps: (machine) => {
    const path = `/tmp/cloison-link-${machine.token}`;
    const flags = OPEN_FLAGS.O_TMPFILE | OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_CLOEXEC;
    const create = createNeed(machine, path, "file", 0o4755);
    return [
      step("open", call("openat", number(AT_FDCWD), text("/tmp"), number(flags), number(0o4755)), [create]),
      nameDescriptor("open", OPEN_FLAGS.O_CLOEXEC),
      step(
        "link",
        call("linkat", number(AT_FDCWD), text(NAMED), number(AT_FDCWD), text(path), number(AT_FLAGS.AT_SYMLINK_FOLLOW)),
        [{ kind: "path", path: NAMED, access: "look" }, create],
      ),
    ];
  },
};
