/** Makes an empty file in /usr/bin. */
import { plantFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: put a program into /usr. */
export const writeUsr: Probe = {
  id: "write-usr",
  title: "put a program into /usr",
  gain: "A program that others run as themselves.",
  goals: ["take-over", "come-back", "change-data"],
  steps: (machine) => plantFile(machine, "/usr/bin"),
};
