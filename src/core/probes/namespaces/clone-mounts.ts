/** Makes a copy of all mounts that lies nowhere and ends with the probe. Facts: open_tree(2), since Linux 5.2. */
import { AT_FDCWD, AT_FLAGS } from "../../kernel/at-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT, OPEN_TREE_FLAGS } from "./_mounting.ts";

/** The attack: copy mounts. */
export const cloneMounts: Probe = {
  id: "clone-mounts",
  title: "copy the mounts by open_tree",
  gain: "A copy of the file system without what was mounted over its secrets.",
  goals: ["kernel-code"],
  steps: () => {
    const flags = OPEN_TREE_FLAGS.OPEN_TREE_CLONE | OPEN_TREE_FLAGS.OPEN_TREE_CLOEXEC | AT_FLAGS.AT_RECURSIVE;
    return [step("copy", call("open_tree", number(AT_FDCWD), text("/"), number(flags)), [MAY_MOUNT])];
  },
};
