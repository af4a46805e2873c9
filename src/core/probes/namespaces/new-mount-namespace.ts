/** Makes a mount namespace, which ends with the probe. Facts: unshare(2), mount_namespaces(7). */
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a new mount namespace. */
export const newMountNamespace: Probe = {
  id: "new-mount-namespace",
  title: "make a new mount namespace",
  gain: "File systems rearranged out of sight.",
  goals: ["kernel-code"],
  steps: () => [
    step("unshare", call("unshare", number(CLONE_FLAGS.CLONE_NEWNS)), [{ kind: "namespace", namespaces: ["mnt"] }]),
  ],
};
