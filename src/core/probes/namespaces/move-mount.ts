/**
 * Moves a mount with a flag that does not exist: EINVAL comes after the permission check (move_mount in fs/namespace.c).
 * Facts: move_mount(2), since Linux 5.2.
 */
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** A flag that no kernel knows. */
const NO_SUCH_FLAG = 0x8000_0000;

/** The attack: move mounts. */
export const moveMount: Probe = {
  id: "move-mount",
  title: "move mounts",
  gain: "What hides a place is moved aside, what is hidden is put where it can be reached.",
  goals: ["kernel-code"],
  steps: () => [
    step("move", call("move_mount", number(-1), text(""), number(-1), text(""), number(NO_SUCH_FLAG)), [MAY_MOUNT], {
      past: ["EINVAL"],
    }),
  ],
};
