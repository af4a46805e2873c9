/**
 * Connects to where the manager logs for the services that it starts, and says nothing. Whoever is root says there for which unit it
 * speaks, and is believed: the entries have that unit's _SYSTEMD_UNIT= (stdout_stream_line in systemd's src/journal/journald-stream.c).
 */
import type { Probe } from "../probe.ts";
import { connectOnly, withoutListener } from "../socket.ts";

const SOCKET = "/run/systemd/journal/stdout";

/** The attack: log as another unit's output. */
export const logAsAnotherUnit: Probe = {
  id: "log-as-another-unit",
  title: "log as the output of another unit",
  gain: "Entries that the journal itself marks as another service's, if the service is root.",
  goals: ["logs"],
  steps: (machine) => withoutListener(machine, SOCKET) ?? connectOnly(SOCKET),
};
