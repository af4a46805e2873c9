/** Makes a file with the set-user-ID bit in /tmp by the newest call that does. Facts: fchmodat2(2), since Linux 6.6. */
import { AT_FDCWD } from "../../kernel/at-flags.ts";
import { call, changeMadeNeed, createStep, number, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: make a set-user-ID program by fchmodat2. */
export const setUserIdAnew: Probe = {
  id: "set-user-id-anew",
  title: "make a set-user-ID program by fchmodat2",
  gain: "The same as chmod's, around filters that are older than the call.",
  goals: ["come-back", "become-another"],
  steps: (machine) => {
    const path = `/tmp/cloison-anew-${machine.token}`;
    return [
      createStep(machine, path, 0o700),
      step("chmod", call("fchmodat2", number(AT_FDCWD), text(path), number(0o4755), number(0)), [
        changeMadeNeed(machine, path, 0o700),
      ]),
    ];
  },
};
