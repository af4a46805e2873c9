/** Binds a TCP port below 1024. That it is taken is found out after the permission. Facts: IORING_OP_BIND in io_uring_enter(2), ip(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { bytes, number, resultOf } from "../act.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringSocket } from "../ring.ts";
import { inetAddress, lowPort } from "../socket.ts";

/** The attack: pose as a service of the machine through io_uring. */
export const bindLowPortByRing: Probe = {
  id: "bind-low-port-by-ring",
  title: "open a privileged port through io_uring",
  gain: "Posing as one of the machine's own services.",
  goals: ["pose"],
  steps: (machine) => {
    const { port, needs } = lowPort(machine);
    const address = inetAddress("0.0.0.0", port);
    const bound = { operation: "bind", family: "AF_INET", address: "0.0.0.0", port, transport: "tcp" } as const;
    return byRing(machine, ringSocket(ADDRESS_FAMILIES.AF_INET, SOCKET_TYPES.SOCK_STREAM), {
      ...{ name: "bind", operation: "bind", needs: [{ kind: "address", ...bound }, ...needs], past: ["EADDRINUSE"] },
      arguments: [resultOf("socket"), bytes(address), number(address.length)],
      entry: { descriptor: resultOf("socket"), address: bytes(address), offset: number(address.length) },
    });
  },
};
