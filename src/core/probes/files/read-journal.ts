/** Reads the first bytes of the system's journal. Facts: systemd-journald.service(8) "Access Control". */
import { readFile } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: read the system's journal. */
export const readJournal: Probe = {
  id: "read-journal",
  title: "read the system's journal",
  gain: "What every service and every user did, and what they logged by mistake.",
  goals: ["read-secrets", "spy-or-stop"],
  steps: (machine) => {
    const { journal } = machine.kept;
    return journal === undefined ? { notApplicable: "there is no file of a journal" } : readFile(machine, journal);
  },
};
