/** Binds a TCP port that the service never used, and does not listen. */
import type { Probe } from "../probe.ts";
import { bindTcp } from "../socket.ts";

const CANDIDATES = [4444, 5555, 6666];

/** The attack: open a port of the intruder's own. */
export const bindAnotherPort: Probe = {
  id: "bind-another-port",
  title: "open another port",
  gain: "A door through which the intruder comes back.",
  goals: ["pose"],
  steps: (machine) => {
    const port = CANDIDATES.find((candidate) => !machine.unit.ports.includes(candidate)) ?? 7777;
    return bindTcp(port, []);
  },
};
