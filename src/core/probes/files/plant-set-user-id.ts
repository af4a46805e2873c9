/** Makes a file with the set-user-ID bit in /tmp. Facts: chmod(2), inode(7). */
import { call, createStep, number, resultOf, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a set-user-ID program. */
export const plantSetUserId: Probe = {
  id: "plant-set-user-id",
  title: "make a set-user-ID program",
  gain: "Whoever runs it later acts as this service's user, or as root.",
  goals: ["come-back", "become-another"],
  steps: (machine) => [
    createStep(machine, `/tmp/cloison-suid-${machine.token}`, 0o700),
    step("chmod", call("fchmod", resultOf("create"), number(0o4755))),
  ],
};
