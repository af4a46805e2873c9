/**
 * Makes a copy of all mounts, by the newest call that does: it lies nowhere and ends with the probe. Facts: open_tree_attr in the kernel's
 * fs/namespace.c, since Linux 6.15; systemd 257 does not count it to @mount.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { COPY_FLAGS, MAY_MOUNT } from "./_mounting.ts";

/** The attack: copy mounts with other attributes. */
export const cloneMountsAnew: Probe = {
  id: "clone-mounts-anew",
  title: "copy the mounts, writable, by open_tree_attr",
  gain: "A copy of the file system, around filters that are older than the call.",
  goals: ["kernel-code"],
  steps: () => {
    const what = call("open_tree_attr", number(AT_FDCWD), text("/"), number(COPY_FLAGS), number(0), number(0));
    return [step("copy", what, [MAY_MOUNT])];
  },
};
