/** SocketBindAllow=. Facts: systemd.resource-control(5). */

import type { Candidate, Directive, Situation } from "../directive.ts";
import { facesTheNetwork, needsOf } from "../seen.ts";
import { type PortList, portList, unitePorts } from "./_port-list.ts";

/** Where the kernel, and programs that choose a port at random, take ports from (ip_local_port_range). */
const FIRST_EPHEMERAL = 32768;

/** The rules for the ports that were bound, both IP versions together, and whether any was chosen by chance. */
export function boundPorts({ observation }: Situation): { readonly rules: PortList; readonly ephemeral: boolean } {
  const rules = new Set<string>();
  let ephemeral = false;
  for (const { need } of needsOf(observation, "address")) {
    if (need.operation !== "bind" || (need.family !== "AF_INET" && need.family !== "AF_INET6")) {
      continue;
    }
    if (need.port === undefined || need.port === 0 || need.port >= FIRST_EPHEMERAL) {
      ephemeral = true;
    } else {
      rules.add(`${need.transport ?? "tcp"}:${need.port}`);
    }
  }
  return { rules: [...rules].sort(), ephemeral };
}

/**
 * Why the ports to bind are left open, undefined if they may be closed. A service that other machines reach gets no rule about ports
 * that could shut them out, unless one asks for it.
 */
export function whyBindStaysOpen(situation: Situation): string | undefined {
  const { unit, level, clients, observation } = situation;
  if (unit.setting("SocketBindDeny") !== undefined || unit.setting("SocketBindAllow") !== undefined) {
    return "The unit has rules of its own for the ports that are bound.";
  }
  if (boundPorts(situation).ephemeral) {
    return "It was seen to bind a port that the kernel chose, so that none can be named.";
  }
  return level === "strict" || clients !== undefined || !facesTheNetwork(observation)
    ? undefined
    : "Other machines come to it, and a line of its configuration may name another port: --clients or the level strict close it.";
}

function candidates(situation: Situation): readonly Candidate<PortList>[] {
  const { rules } = boundPorts(situation);
  if (whyBindStaysOpen(situation) !== undefined || rules.length === 0) {
    return [];
  }
  return [
    {
      value: rules,
      reason: `was seen to listen on ${rules.join(", ")}`,
      doors: rules.map((rule) => `may bind ${rule}`),
    },
  ];
}

/** A door in SocketBindDeny=. */
export const socketBindAllow: Directive<PortList> = {
  name: "SocketBindAllow",
  since: 249,
  group: "network",
  summary: "Lets the service bind these ports although SocketBindDeny= covers them.",
  breaks: "Nothing.",
  requires: ["libbpf"],
  ineffective: ["A systemd built without BPF ignores it without a word."],
  ...portList("SocketBindAllow"),
  meet: (a, b) => (a.length === 0 || b.length === 0 ? unitePorts(a, b) : a.filter((rule) => b.includes(rule))),
  door: ["SocketBindDeny"],
  samples: ["tcp:80"],
  walls: () => [],
  ladder: candidates,
};
