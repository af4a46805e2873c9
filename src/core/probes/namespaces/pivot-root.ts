/** Asks for a root directory without a name: ENOENT comes after the permission check (pivot_root in fs/namespace.c). Facts: pivot_root(2). */
import { call, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";
import { MAY_MOUNT } from "./_mounting.ts";

/** The attack: change the root mount. */
export const pivotRoot: Probe = {
  id: "pivot-root",
  title: "change the root mount",
  gain: "The whole view of the file system exchanged.",
  goals: ["kernel-code"],
  steps: () => [step("pivot", call("pivot_root", text(""), text("")), [MAY_MOUNT], { past: ["ENOENT"] })],
};
