/** Binds a TCP port below 1024. Facts: ip(7), ip_unprivileged_port_start. */
import type { Need } from "../../action/action.ts";
import type { Probe } from "../probe.ts";
import { bindTcp } from "../socket.ts";

const CANDIDATES = [79, 87, 95];

/** The attack: pose as a service of the machine. */
export const bindLowPort: Probe = {
  id: "bind-low-port",
  title: "open a privileged port",
  gain: "Posing as one of the machine's own services.",
  goals: ["pose"],
  steps: (machine) => {
    const port = CANDIDATES.find((candidate) => !machine.unit.ports.includes(candidate)) ?? 103;
    const free = Number(machine.sysctl("net.ipv4.ip_unprivileged_port_start") ?? "1024") <= port;
    const needs: readonly Need[] = free
      ? []
      : [{ kind: "capability", capability: "CAP_NET_BIND_SERVICE", over: "net" }];
    return bindTcp(port, needs);
  },
};
