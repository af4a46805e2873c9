/** A socket by the call that 32-bit programs have for it since Linux 4.3, whose family RestrictAddressFamilies= does not look at. Facts: socket(2). */

import { openNetlinkSocket } from "../network/open-netlink-socket.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: ask the kernel about the network, through the 32-bit interface. */
export const openNetlinkSocketThroughI386: Probe = through("i386", openNetlinkSocket);
