/** Opens a file of the system's journal for writing, and writes nothing. Facts: systemd-journald.service(8). */
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: change what the journal has. */
export const eraseJournal: Probe = {
  id: "erase-journal",
  title: "change or erase the journal",
  gain: "No trace of how the intruder came in.",
  goals: ["logs"],
  steps: (machine) => {
    const { journal } = machine.kept;
    return journal === undefined ? { notApplicable: "there is no journal" } : [openStep(machine, journal, "write")];
  },
};
