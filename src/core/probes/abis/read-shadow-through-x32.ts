/** The same calls with bit 30 in their numbers. Facts: syscall(2). */

import { readShadow } from "../files/read-shadow.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: read the password hashes, through the x32 interface. */
export const readShadowThroughX32: Probe = through("x32", readShadow);
