/** Makes a file with the set-group-ID bit in /tmp. Facts: chmod(2), inode(7). */
import { call, changeMadeNeed, createStep, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a set-group-ID program. */
export const plantSetGroupId: Probe = {
  id: "plant-set-group-id",
  title: "make a set-group-ID program",
  gain: "Whoever runs it later acts in this service's group, or in root's.",
  goals: ["come-back", "become-another"],
  steps: (machine) => {
    const path = `/tmp/cloison-sgid-${machine.token}`;
    return [
      createStep(machine, path, 0o700),
      step("chmod", call("chmod", text(path), number(0o2755)), [changeMadeNeed(machine, path, 0o700)]),
    ];
  },
};
