/**
 * Executes another user's set-user-ID file, which reports who it became. Facts: execve(2), PR_SET_NO_NEW_PRIVS in prctl(2).
 */
import { call, number, pathNeed, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: run a set-user-ID program. */
export const runSetUserId: Probe = {
  id: "run-set-user-id",
  title: "gain another identity through a set-user-ID program",
  gain: "Root, through a flaw in any of the machine's set-user-ID programs.",
  goals: ["become-another"],
  steps: (machine) => {
    const path = machine.neighbour.setUserId;
    const argv = { kind: "pointers", to: [text(path), number(0)] } as const;
    const { uid } = machine.neighbour.process;
    return [
      step("run", call("execve", text(path), argv, number(0)), [pathNeed(machine, path, "execute")]),
      step("who", call("geteuid"), [{ kind: "gain", uid }], { exactly: uid }),
    ];
  },
};
