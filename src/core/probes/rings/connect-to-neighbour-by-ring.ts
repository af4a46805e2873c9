/**
 * A TCP connection to another service, of which neither the socket nor the address passes a filter. Where a packet filter drops, the
 * ring would wait for minutes: what has not answered after a moment counts as stopped. Facts: IORING_OP_CONNECT in io_uring_enter(2).
 */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringSocket, ringToAddress } from "../ring.ts";
import { inetAddress, tcpNeed } from "../socket.ts";

const PATIENCE = 30;

/** The attack: reach another service through io_uring. */
export const connectToNeighbourByRing: Probe = {
  id: "connect-to-neighbour-by-ring",
  title: "connect to another service's port through io_uring",
  gain: "Services that trust whoever is inside.",
  goals: ["move-on"],
  steps: (machine) => {
    const { address, port } = machine.neighbour;
    const need = tcpNeed("connect", address, port);
    return byRing(
      machine,
      ringSocket(ADDRESS_FAMILIES.AF_INET, SOCKET_TYPES.SOCK_STREAM),
      ringToAddress("connect", inetAddress(address, port), [need], { patience: PATIENCE }),
    );
  },
};
