/** Whether 32-bit programs may mount where others may not. Facts: mount(2). */

import { mount } from "../namespaces/mount.ts";
import { through } from "../other-abi.ts";
import type { Probe } from "../probe.ts";

/** The attack: mount, through the 32-bit interface. */
export const mountThroughI386: Probe = through("i386", mount);
