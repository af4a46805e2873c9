/** Opens a file system context, which is mounted nowhere. Facts: fsopen(2). */
import { call, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** The attack: prepare a file system with the new mount calls. */
export const openFileSystem: Probe = {
  id: "open-file-system",
  title: "prepare a file system with the new mount calls",
  gain: "The same as mount, around filters that know only the old call.",
  goals: ["kernel-code"],
  steps: () => [step("fsopen", call("fsopen", text("tmpfs"), number(0)), [MAY_MOUNT])],
};
