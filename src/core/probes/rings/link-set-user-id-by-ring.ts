/**
 * Makes a set-user-ID file in /tmp that has no name yet, and gives it one, by two operations of a ring: neither is the making of a
 * file by name. Facts: O_TMPFILE in open(2), AT_EMPTY_PATH in linkat(2), which since Linux 6.10 takes no capability from who opened
 * the file (path_init() in fs/namei.c), IORING_OP_LINKAT in io_uring_enter(2).
 */
import type { Need } from "../../action/action.ts";
import { AT_FDCWD, AT_FLAGS } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { isOlder } from "../../kernel/release.ts";
import { createNeed, number, resultOf, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringOpen } from "../ring.ts";

const MODE = 0o4755;
const ANY_OPENER = "6.10";

/** The attack: name a set-user-ID program through io_uring. */
export const linkSetUserIdByRing: Probe = {
  id: "link-set-user-id-by-ring",
  title: "make a set-user-ID program without a name, and name it, through io_uring",
  gain: "The same program, past whoever looks at names of new files only.",
  goals: ["come-back", "become-another"],
  steps: (machine) => {
    const path = `/tmp/cloison-ring-link-${machine.token}`;
    const old = isOlder(machine.sysctl("kernel.osrelease") ?? "", ANY_OPENER) === true;
    const capability: Need = { kind: "capability", capability: "CAP_DAC_READ_SEARCH", over: "init" };
    const made = createNeed(machine, path, "file", MODE);
    const needs = old ? [made, capability] : [made];
    const nameless = ringOpen("make", "/tmp", OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_TMPFILE, MODE, [made]);
    const [from, to] = [resultOf("make"), text(path)];
    return byRing(machine, nameless, {
      ...{ name: "link", operation: "linkat", needs },
      arguments: [from, text(""), number(AT_FDCWD), to, number(AT_FLAGS.AT_EMPTY_PATH)],
      entry: { descriptor: from, address: text(""), length: AT_FDCWD, offset: to, flags: AT_FLAGS.AT_EMPTY_PATH },
    });
  },
};
