/** The files that `harden` leaves: five, and own-user.conf where a user of its own was asked for and works. */
import { writeObservation } from "../core/action/document.ts";
import { writePage } from "../core/report/html/page.ts";
import { writeReport } from "../core/report/json.ts";
import { reportText } from "../core/report/text.ts";
import type { Hardened } from "../engines/harden.ts";
import { writeOutput } from "./output-directory.ts";

/** Writes observation.json, hardening.conf and the report as text, page and JSON. The report comes last: with it the set is whole. */
export function writeResults(directory: string, { observation, dropIn, report, ownUser }: Hardened): Promise<void> {
  return writeOutput(directory, {
    "observation.json": writeObservation(observation),
    "hardening.conf": dropIn,
    ...(ownUser === undefined ? {} : { "own-user.conf": ownUser }),
    "report.txt": reportText(report),
    "report.html": writePage(report),
    "report.json": writeReport(report),
  });
}
