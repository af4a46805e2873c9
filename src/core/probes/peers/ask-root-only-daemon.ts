/** Asks a daemon that trusts the mode of its socket, as docker.sock's does and libvirt's. Facts: unix(7), "Pathname socket ownership and permissions". */
import { daemonSteps } from "../daemon.ts";
import type { Probe } from "../probe.ts";

/** The attack: be obeyed by a daemon whose socket only root may connect to. */
export const askRootOnlyDaemon: Probe = {
  id: "ask-root-only-daemon",
  title: "have a daemon do what one may not, over a socket of root's",
  gain: "Whatever that daemon does for whoever gets at its socket, outside of all walls of this service.",
  goals: ["become-another"],
  steps: (machine) => daemonSteps(machine, machine.daemons.rootOnly),
};
