/**
 * Asks mount(2) for two kinds of propagation at once, which it refuses with EINVAL after the permission check
 * (path_mount, do_change_type in fs/namespace.c).
 */
import { MOUNT_FLAGS } from "../../kernel/mount-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** The attack: mount. */
export const mount: Probe = {
  id: "mount",
  title: "change the mounts",
  gain: "Read-only and hidden places laid open, file systems laid over others.",
  goals: ["kernel-code"],
  steps: () => {
    const both = MOUNT_FLAGS.MS_SHARED | MOUNT_FLAGS.MS_PRIVATE;
    return [
      step("mount", call("mount", text("none"), text("/"), number(0), number(both), number(0)), [MAY_MOUNT], {
        past: ["EINVAL"],
      }),
    ];
  },
};
