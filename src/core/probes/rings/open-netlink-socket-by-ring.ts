/** A socket of a family that RestrictAddressFamilies= refuses to socket(2). Facts: IORING_OP_SOCKET in io_uring_enter(2), netlink(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import type { Probe } from "../probe.ts";
import { byRing, ringSocket } from "../ring.ts";

/** The attack: ask the kernel about the network through io_uring. */
export const openNetlinkSocketByRing: Probe = {
  id: "open-netlink-socket-by-ring",
  title: "ask the kernel about the network through io_uring",
  gain: "A map of interfaces, routes and neighbours, and the code of a family that was shut.",
  goals: ["kernel-code"],
  steps: (machine) => byRing(machine, ringSocket(ADDRESS_FAMILIES.AF_NETLINK, SOCKET_TYPES.SOCK_RAW)),
};
