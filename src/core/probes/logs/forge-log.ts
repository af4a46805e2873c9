/**
 * Sends the journal an empty entry, which it passes over. What it takes are fields as the sender names them: SYSLOG_IDENTIFIER=sshd from
 * anyone, and OBJECT_SYSTEMD_UNIT= from root, by which an entry is shown as another unit's. Facts: "Native journal protocol" of
 * systemd, systemd.journal-fields(7); server_process_datagram in systemd's src/journal/journald-server.c.
 */
import type { Probe } from "../probe.ts";
import { sendNothing } from "../socket.ts";

/** The attack: write log entries in another's name. */
export const forgeLog: Probe = {
  id: "forge-log",
  title: "write log entries in another's name",
  gain: "A log that tells of logins and faults that never were, and hides one entry among thousands.",
  goals: ["logs"],
  steps: (machine) => sendNothing(machine, "/run/systemd/journal/socket"),
};
