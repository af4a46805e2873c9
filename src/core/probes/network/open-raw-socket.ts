/** Opens a raw socket and sends nothing. Facts: raw(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

const IPPROTO_ICMP = 1;

/** The attack: open a raw socket. */
export const openRawSocket: Probe = {
  id: "open-raw-socket",
  title: "open a raw socket",
  gain: "Forged packets, in the machine's name.",
  goals: ["pose"],
  steps: () => [
    step(
      "socket",
      call("socket", number(ADDRESS_FAMILIES.AF_INET), number(SOCKET_TYPES.SOCK_RAW), number(IPPROTO_ICMP)),
      [{ kind: "capability", capability: "CAP_NET_RAW", over: "net" }],
    ),
  ],
};
