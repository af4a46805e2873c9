/** Whether the rules about modes are there for 32-bit programs, too. Facts: chmod(2). */

import { plantSetUserId } from "../files/plant-set-user-id.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a set-user-ID program, through the 32-bit interface. */
export const plantSetUserIdThroughI386: Probe = through("i386", plantSetUserId);
