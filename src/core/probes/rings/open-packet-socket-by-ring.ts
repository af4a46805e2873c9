/** Opens a packet socket for no protocol, which receives nothing. Facts: IORING_OP_SOCKET in io_uring_enter(2), packet(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringSocket } from "../ring.ts";

/** The attack: open a packet socket through io_uring. */
export const openPacketSocketByRing: Probe = {
  id: "open-packet-socket-by-ring",
  title: "open a packet socket through io_uring",
  gain: "Every packet of the machine, as it passes.",
  goals: ["spy-or-stop", "pose"],
  steps: (machine) =>
    byRing(
      machine,
      ringSocket(ADDRESS_FAMILIES.AF_PACKET, SOCKET_TYPES.SOCK_RAW, 0, [
        { kind: "capability", capability: "CAP_NET_RAW", over: "net" },
      ]),
    ),
};
