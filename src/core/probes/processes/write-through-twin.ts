/**
 * Makes a file where only a service of the same user may write, through its root directory: the mounts on that way are that
 * service's own. Facts: proc_pid_root(5), proc_pid_get_link in the kernel's fs/proc/base.c.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { call, createNeed, number, step, text } from "../act.ts";
import { againstTwin } from "../another-process.ts";
import type { Probe } from "../probe.ts";

const FLAGS = OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL | OPEN_FLAGS.O_CLOEXEC;
const MODE = 0o600;

/** The attack: write where another service of the same user may. */
export const writeThroughTwin: Probe = {
  id: "write-through-twin",
  title: "write where another service of the same user may write",
  gain: "Its data and its configuration changed, with its mounts instead of one's own.",
  goals: ["change-data"],
  steps: (machine) =>
    againstTwin(machine, ({ pid, process, place }) => {
      const file = `${place}/cloison-${machine.token}`;
      const need = { ...createNeed(machine, file, "file", MODE), path: `/proc/[pid]/root${file}`, process };
      const open = call("openat", number(AT_FDCWD), text(`/proc/${pid}/root${file}`), number(FLAGS), number(MODE));
      return [step("create", open, [need])];
    }),
};
