/** Changes no attribute of the mount at /. Facts: mount_setattr(2), since Linux 5.12; struct mount_attr in linux/mount.h. */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { call, number, room, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** Attributes to set and to clear, propagation, user namespace: all zero. */
const SIZE = 32;

/** The attack: change the attributes of mounts. */
export const changeMountAttributes: Probe = {
  id: "change-mount-attributes",
  title: "change the attributes of mounts by mount_setattr",
  gain: "Read-only places writable again, around filters that know only mount.",
  goals: ["kernel-code"],
  steps: () => [
    step("change", call("mount_setattr", number(AT_FDCWD), text("/"), number(0), room(SIZE), number(SIZE)), [
      MAY_MOUNT,
    ]),
  ],
};
