/** Opens a socket for the routing tables. Facts: netlink(7), rtnetlink(7). */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { SOCKET_TYPES } from "../../kernel/socket-type.ts";
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: ask the kernel about the network. */
export const openNetlinkSocket: Probe = {
  id: "open-netlink-socket",
  title: "ask the kernel about the network",
  gain: "A map of interfaces, routes and neighbours.",
  goals: ["kernel-code"],
  steps: () => [
    step("socket", call("socket", number(ADDRESS_FAMILIES.AF_NETLINK), number(SOCKET_TYPES.SOCK_RAW), number(0)), []),
  ],
};
