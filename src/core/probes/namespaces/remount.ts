/**
 * Asks to change the flags of a mount at a place where none is: EINVAL comes after the permission check (do_reconfigure_mnt in
 * fs/namespace.c). Facts: mount(2), MS_REMOUNT with MS_BIND.
 */
import { MOUNT_FLAGS } from "../../kernel/mount-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** A directory of the kernel's on which nobody mounts. */
const NO_MOUNT = "/proc/self/fd";

/** The attack: mount writable again. */
export const remount: Probe = {
  id: "remount",
  title: "make a read-only mount writable again",
  gain: "Everything that was read-only, noexec or nosuid is not any more.",
  goals: ["kernel-code"],
  steps: () => [
    step(
      "remount",
      call(
        "mount",
        number(0),
        text(NO_MOUNT),
        number(0),
        number(MOUNT_FLAGS.MS_REMOUNT | MOUNT_FLAGS.MS_BIND),
        number(0),
      ),
      [{ kind: "path", path: NO_MOUNT, access: "look" }, MAY_MOUNT],
      { past: ["EINVAL"] },
    ),
  ],
};
