/**
 * Makes a copy of all mounts, by the newest call that does: it lies nowhere and ends with the probe. Facts: open_tree_attr in the kernel's
 * fs/namespace.c, since Linux 6.15; systemd 257 does not count it to @mount.
 */
import { AT_FDCWD, AT_FLAGS } from "../../kernel/at-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT, OPEN_TREE_FLAGS } from "./_mounting.ts";

/** The attack: copy mounts with other attributes. */
export const cloneMountsAnew: Probe = {
  id: "clone-mounts-anew",
  title: "copy the mounts, writable, by open_tree_attr",
  gain: "A copy of the file system, around filters that are older than the call.",
  goals: ["kernel-code"],
  steps: () => {
    const flags = OPEN_TREE_FLAGS.OPEN_TREE_CLONE | OPEN_TREE_FLAGS.OPEN_TREE_CLOEXEC | AT_FLAGS.AT_RECURSIVE;
    const what = call("open_tree_attr", number(AT_FDCWD), text("/"), number(flags), number(0), number(0));
    return [step("copy", what, [MAY_MOUNT])];
  },
};
