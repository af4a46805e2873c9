/** Makes a network namespace, which ends with the probe. Facts: unshare(2), network_namespaces(7). */
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a new network namespace. */
export const newNetworkNamespace: Probe = {
  id: "new-network-namespace",
  title: "make a new network namespace",
  gain: "A network of one's own, with its filters and sockets.",
  goals: ["kernel-code"],
  steps: () => [
    step("unshare", call("unshare", number(CLONE_FLAGS.CLONE_NEWNET)), [{ kind: "namespace", namespaces: ["net"] }]),
  ],
};
