/** The same call with bit 30 in its number, which a filter has to know. Facts: syscall(2). */

import { openNetlinkSocket } from "../network/open-netlink-socket.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: ask the kernel about the network, through the x32 interface. */
export const openNetlinkSocketThroughX32: Probe = through("x32", openNetlinkSocket);
