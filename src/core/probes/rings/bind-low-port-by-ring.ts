/** Binds a TCP port below 1024. That it is taken is found out after the permission. Facts: IORING_OP_BIND in io_uring_enter(2), ip(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringSocket, ringToAddress } from "../ring.ts";
import { ANY_ADDRESS, inetAddress, lowPort, tcpNeed } from "../socket.ts";

/** The attack: pose as a service of the machine through io_uring. */
export const bindLowPortByRing: Probe = {
  id: "bind-low-port-by-ring",
  title: "open a privileged port through io_uring",
  gain: "Posing as one of the machine's own services.",
  goals: ["pose"],
  steps: (machine) => {
    const { port, needs } = lowPort(machine);
    const all = [tcpNeed("bind", ANY_ADDRESS, port), ...needs];
    return byRing(
      machine,
      ringSocket(ADDRESS_FAMILIES.AF_INET, SOCKET_TYPES.SOCK_STREAM),
      ringToAddress("bind", inetAddress(ANY_ADDRESS, port), all, { past: ["EADDRINUSE"] }),
    );
  },
};
