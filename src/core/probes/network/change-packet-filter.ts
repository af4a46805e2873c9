/**
 * Sends netfilter a message that is too short to ask for anything, which it acknowledges to whom it would obey (nfnetlink_rcv and
 * nfnetlink_rcv_msg in the kernel's net/netfilter/nfnetlink.c).
 */
import { netlinkSteps } from "../netlink.ts";
import type { Probe } from "../probe.ts";

/** Neither netlink's own nor the beginning or end of a batch: after NFNL_MSG_BATCH_END. */
const SOME_TYPE = 18;

/** The attack: change the machine's packet filter. */
export const changePacketFilter: Probe = {
  id: "change-packet-filter",
  title: "change the machine's packet filter",
  gain: "Every port of the machine open, connections redirected, and code of the kernel with a long list of holes.",
  goals: ["pose", "move-on", "kernel-code"],
  steps: (machine) =>
    netlinkSteps(machine, "netfilter", {
      type: SOME_TYPE,
      body: [],
      needs: [{ kind: "capability", capability: "CAP_NET_ADMIN", over: "net" }],
    }),
};
