/** The same call with bit 30 in its number. Facts: syscall(2). */

import { mount } from "../namespaces/mount.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: mount, through the x32 interface. */
export const mountThroughX32: Probe = through("x32", mount);
