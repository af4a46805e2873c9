/** The four files that `harden` leaves. */
import { writeObservation } from "../core/action/document.ts";
import { writePage } from "../core/report/html/page.ts";
import { writeReport } from "../core/report/json.ts";
import type { Hardened } from "../engines/harden.ts";
import { writeOutput } from "./output-directory.ts";

/** Writes observation.json, hardening.conf, report.json and report.html. The report comes last: with it the set is whole. */
export function writeResults(directory: string, { observation, dropIn, report }: Hardened): Promise<void> {
  return writeOutput(directory, {
    "observation.json": writeObservation(observation),
    "hardening.conf": dropIn,
    "report.html": writePage(report),
    "report.json": writeReport(report),
  });
}
