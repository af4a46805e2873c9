/** Makes a file among the logs: who may do that may also rename and remove them, as logrotate(8) does. */
import { plantFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: remove or replace log files. */
export const plantInLogs: Probe = {
  id: "plant-in-logs",
  title: "remove or replace log files",
  gain: "The logs of other programs gone, or in the intruder's words.",
  goals: ["logs"],
  steps: (machine) => plantFile(machine, "/var/log"),
};
