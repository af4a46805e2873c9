/**
 * Sets the journal daemon's log level to its default, which only root may do. An older daemon lacks the method and says so to root
 * alone. At the same place the daemon is told to keep its log in memory only (RelinquishVar) or to begin new files (Rotate). Facts:
 * systemd-journald.service(8); systemd's src/journal/journald-varlink.c and src/shared/varlink-io.systemd.service.c.
 */
import { JOURNAL_ORDERS } from "../../sandbox/trust.ts";
import type { Probe } from "../probe.ts";
import { askVarlink } from "../varlink.ts";

/** The default of SYSTEMD_LOG_LEVEL. */
const LOG_INFO = 6;

/** The attack: order the journal's daemon about. */
export const orderJournal: Probe = {
  id: "order-journal",
  title: "order the journal to keep its log nowhere",
  gain: "A log that is gone after the next restart, and older entries pushed out.",
  goals: ["logs"],
  steps: (machine) =>
    askVarlink(machine, JOURNAL_ORDERS, {
      method: "io.systemd.service.SetLogLevel",
      parameters: `{"level":${LOG_INFO}}`,
    }),
};
