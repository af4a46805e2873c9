/** Makes a copy of all mounts that lies nowhere and ends with the probe. Facts: open_tree(2), since Linux 5.2. */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { COPY_FLAGS, MAY_MOUNT } from "./_mounting.ts";

/** The attack: copy mounts. */
export const cloneMounts: Probe = {
  id: "clone-mounts",
  title: "copy the mounts by open_tree",
  gain: "A copy of the file system without what was mounted over its secrets.",
  goals: ["kernel-code"],
  steps: () => [step("copy", call("open_tree", number(AT_FDCWD), text("/"), number(COPY_FLAGS)), [MAY_MOUNT])],
};
