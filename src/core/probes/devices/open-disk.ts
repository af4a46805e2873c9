/** Opens a disk of the machine for reading and reads nothing. */
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: open a disk. */
export const openDisk: Probe = {
  id: "open-disk",
  title: "open a disk of the machine",
  gain: "Every file of the machine, below all permissions.",
  goals: ["read-secrets"],
  steps: (machine) => {
    const disk = machine.disks[0];
    if (disk === undefined) {
      return { notApplicable: "no disk is known" };
    }
    return [openStep(machine, disk, "read", { flags: OPEN_FLAGS.O_NONBLOCK })];
  },
};
