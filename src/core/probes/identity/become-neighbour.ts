/** Becomes the user of another service. Facts: setresuid(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: take on another service's identity. */
export const becomeNeighbour: Probe = {
  id: "become-neighbour",
  title: "take on another service's identity",
  gain: "All that the other service may read, write and kill.",
  goals: ["become-another"],
  steps: (machine) => {
    const { uid } = machine.neighbour.process;
    return [step("setuid", call("setresuid", number(uid), number(uid), number(uid)), [{ kind: "become", uid }])];
  },
};
