/** Sends signal 0 to another service's process, which only asks for the permission. Facts: kill(2). */
import { call, number, step } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: kill another service. */
export const killNeighbour: Probe = {
  id: "kill-neighbour",
  title: "kill another service",
  gain: "Any service of the machine stopped, at will.",
  goals: ["spy-or-stop"],
  steps: (machine) => {
    const { pid, process } = machine.neighbour;
    return [
      step("kill", call("kill", number(pid), number(0)), [{ kind: "process", operation: "signal", target: process }]),
    ];
  },
};
