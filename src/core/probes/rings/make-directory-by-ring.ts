/** Makes a directory in which systemd would look for settings of a unit that is not there. Facts: IORING_OP_MKDIRAT in io_uring_enter(2), systemd.unit(5). */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { createNeed, number, text, withoutDirectory } from "../act.ts";
import type { Probe } from "../probe.ts";
import { byRing } from "../ring.ts";

const UNITS = "/etc/systemd/system";
const MODE = 0o755;

/** The attack: make a directory of settings through io_uring. */
export const makeDirectoryByRing: Probe = {
  id: "make-directory-by-ring",
  title: "make a directory for units' settings through io_uring",
  gain: "A place that systemd reads at the next start.",
  goals: ["take-over", "come-back"],
  steps: (machine) => {
    const path = `${UNITS}/cloison-${machine.token}.service.d`;
    return (
      withoutDirectory(machine, UNITS) ??
      byRing(machine, {
        ...{ name: "make", operation: "mkdirat", needs: [createNeed(machine, path, "directory", MODE)] },
        arguments: [number(AT_FDCWD), text(path), number(MODE)],
        entry: { address: text(path), length: MODE },
      })
    );
  },
};
