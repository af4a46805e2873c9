/** Makes an empty file in /root. */
import { plantFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: plant a file in root's home. */
export const plantInRootHome: Probe = {
  id: "plant-in-root-home",
  title: "plant a file in root's home",
  gain: "A start-up file that root's next shell runs.",
  goals: ["take-over", "come-back"],
  steps: (machine) => plantFile(machine, "/root"),
};
