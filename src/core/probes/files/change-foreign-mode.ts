/** Gives another service's file the mode that it already has: the kernel asks for its owner or CAP_FOWNER. Facts: chmod(2). */
import { call, number, pathNeed, step, text } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: open another service's file to everyone. */
export const changeForeignMode: Probe = {
  id: "change-foreign-mode",
  title: "open another service's file to everyone",
  gain: "Every secret of every service, by one chmod each.",
  goals: ["read-secrets", "change-data"],
  steps: (machine) => {
    const { secret } = machine.neighbour;
    const facts = machine.file(secret);
    if (facts === undefined) {
      return { notApplicable: `there is no ${secret}` };
    }
    return [step("chmod", call("chmod", text(secret), number(facts.mode)), [pathNeed(machine, secret, "change")])];
  },
};
