/** Opens and reads by the calls of 32-bit programs, which other rules of a filter are about. Facts: openat(2). */

import { readShadow } from "../files/read-shadow.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: read the password hashes, through the 32-bit interface. */
export const readShadowThroughI386: Probe = through("i386", readShadow);
