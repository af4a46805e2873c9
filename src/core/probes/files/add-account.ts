/** Opens /etc/passwd for appending and appends nothing. Facts: passwd(5). */
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { openStep } from "../act.ts";
import type { Probe } from "../probe.ts";

/** The attack: add an account to /etc/passwd. */
export const addAccount: Probe = {
  id: "add-account",
  title: "add an account to /etc/passwd",
  gain: "A log-in of one's own, with any user id.",
  goals: ["take-over", "come-back", "change-data"],
  steps: (machine) => [openStep(machine, "/etc/passwd", "write", { flags: OPEN_FLAGS.O_APPEND })],
};
