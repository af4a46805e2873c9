/** Makes an empty unit file, which systemd takes as masked. Facts: systemd.unit(5). */
import { plantFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: plant a systemd unit. */
export const plantUnit: Probe = {
  id: "plant-unit",
  title: "plant a systemd unit",
  gain: "A service of the intruder's own that starts at every boot.",
  goals: ["take-over", "come-back"],
  steps: (machine) => plantFile(machine, "/etc/systemd/system", ".service"),
};
