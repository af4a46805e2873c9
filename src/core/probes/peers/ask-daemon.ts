/** Asks a daemon that looks only at who is there (SO_PEERCRED in unix(7)), as most helpers that run as root do. */
import { daemonSteps } from "../daemon.ts";
import type { Probe } from "../probe.ts";

/** The attack: be obeyed by a daemon that trusts root's uid. */
export const askDaemon: Probe = {
  id: "ask-daemon",
  title: "have a daemon that trusts root do what one may not",
  gain: "Whatever that daemon does for root, outside of all walls of this service.",
  goals: ["become-another"],
  steps: (machine) => daemonSteps(machine, machine.daemons.trusting),
};
