/** Makes / the root directory, which it is already. Facts: chroot(2). */
import { call, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: change the root directory. */
export const changeRoot: Probe = {
  id: "change-root",
  title: "change the root directory",
  gain: "The first step out of a chroot.",
  goals: ["kernel-code"],
  steps: () => [
    step("chroot", call("chroot", text("/")), [{ kind: "capability", capability: "CAP_SYS_CHROOT", over: "own" }]),
  ],
};
