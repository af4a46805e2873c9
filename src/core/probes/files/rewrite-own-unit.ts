/** Opens the service's own unit file for writing and leaves it at that. */
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: rewrite the unit file. */
export const rewriteOwnUnit: Probe = {
  id: "rewrite-own-unit",
  title: "rewrite the unit file",
  gain: "A service without walls, as root, at the next start.",
  goals: ["take-over", "come-back"],
  steps: (machine) => {
    const { fragment } = machine.unit;
    if (fragment === undefined || machine.file(fragment) === undefined) {
      return { notApplicable: "no unit file is known" };
    }
    return [openStep(machine, fragment, "write")];
  },
};
