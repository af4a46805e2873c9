/** Binds a TCP port below 1024. Facts: ip(7), ip_unprivileged_port_start. */
import type { Probe } from "../probe.ts";
import { bindTcp, lowPort } from "../socket.ts";

/** The attack: pose as a service of the machine. */
export const bindLowPort: Probe = {
  id: "bind-low-port",
  title: "open a privileged port",
  gain: "Posing as one of the machine's own services.",
  goals: ["pose"],
  steps: (machine) => {
    const { port, needs } = lowPort(machine);
    return bindTcp(port, needs);
  },
};
