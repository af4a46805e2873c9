/**
 * Orders the journal's daemon to write its files to the disk, which it does for root alone, and which changes nothing; at the same place
 * it is told to keep its log in memory only (RelinquishVar) or to begin new files (Rotate). Facts: systemd-journald.service(8);
 * systemd's src/journal/journald-varlink.c; Varlink's "Protocol".
 */
import { JOURNAL_ORDERS } from "../../sandbox/trust.ts";
import type { Probe } from "../probe.ts";
import { askVarlink } from "../varlink.ts";

/** The attack: order the journal's daemon about. */
export const orderJournal: Probe = {
  id: "order-journal",
  title: "order the journal to keep its log nowhere",
  gain: "A log that is gone after the next restart, and older entries pushed out.",
  goals: ["logs"],
  steps: (machine) => askVarlink(machine, JOURNAL_ORDERS, "io.systemd.Journal.Synchronize"),
};
