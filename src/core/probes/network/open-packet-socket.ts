/** Opens a packet socket for no protocol, which receives nothing. Facts: packet(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: open a packet socket. */
export const openPacketSocket: Probe = {
  id: "open-packet-socket",
  title: "open a packet socket",
  gain: "Every packet of the machine, as it passes.",
  goals: ["spy-or-stop", "pose"],
  steps: () => [
    step("socket", call("socket", number(ADDRESS_FAMILIES.AF_PACKET), number(SOCKET_TYPES.SOCK_RAW), number(0)), [
      { kind: "capability", capability: "CAP_NET_RAW", over: "net" },
    ]),
  ],
};
