/**
 * Asks umount2(2) to take / away both at once and only if it is not used, which it refuses with EINVAL after the permission check
 * (can_umount, do_umount in fs/namespace.c). Facts: umount2(2).
 */
import { UMOUNT_FLAGS } from "../../kernel/mount-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** The attack: take mounts away. */
export const unmount: Probe = {
  id: "unmount",
  title: "take mounts away",
  gain: "What lies under a mount comes to light: hidden files, writable places.",
  goals: ["kernel-code"],
  steps: () => [
    step("umount", call("umount2", text("/"), number(UMOUNT_FLAGS.MNT_DETACH | UMOUNT_FLAGS.MNT_EXPIRE)), [MAY_MOUNT], {
      past: ["EINVAL"],
    }),
  ],
};
