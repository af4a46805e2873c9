/** Makes an empty file in /etc/cron.d. Facts: cron(8). */
import { plantFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: plant a cron job. */
export const plantCronJob: Probe = {
  id: "plant-cron-job",
  title: "plant a cron job",
  gain: "Commands as root, every minute, also after the hole is closed.",
  goals: ["take-over", "come-back"],
  steps: (machine) => plantFile(machine, "/etc/cron.d"),
};
