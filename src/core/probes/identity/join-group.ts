/** Takes on the group of another service. Facts: setresgid(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: join another service's group. */
export const joinGroup: Probe = {
  id: "join-group",
  title: "join another service's group",
  gain: "Files that are shared with that group only.",
  goals: ["become-another"],
  steps: (machine) => {
    const { gid } = machine.neighbour.process;
    return [step("setgid", call("setresgid", number(gid), number(gid), number(gid)), [{ kind: "become", gid }])];
  },
};
