/** Makes a user namespace, which ends with the probe. Facts: unshare(2), user_namespaces(7). */
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a new user namespace. */
export const newUserNamespace: Probe = {
  id: "new-user-namespace",
  title: "make a new user namespace",
  gain: "Every capability inside, and with them the kernel's least tested code.",
  goals: ["kernel-code"],
  steps: () => [
    step("unshare", call("unshare", number(CLONE_FLAGS.CLONE_NEWUSER)), [{ kind: "namespace", namespaces: ["user"] }]),
  ],
};
