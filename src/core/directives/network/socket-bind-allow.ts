/** SocketBindAllow=. Facts: systemd.resource-control(5). */
import { needsOf } from "../_seen.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { type PortList, portList, unitePorts } from "./_port-list.ts";

/** The rule for a port that was bound, both IP versions together. */
export function boundPorts({ observation }: Situation): { readonly rules: PortList; readonly ephemeral: boolean } {
  const rules = new Set<string>();
  let ephemeral = false;
  for (const { need } of needsOf(observation, "address")) {
    if (need.operation !== "bind" || (need.family !== "AF_INET" && need.family !== "AF_INET6")) continue;
    if (need.port === undefined || need.port === 0) ephemeral = true;
    else rules.add(`${need.transport ?? "tcp"}:${need.port}`);
  }
  return { rules: [...rules].sort(), ephemeral };
}

/** Which port a service listens on stands in its configuration, and other code paths bind others: strict only. */
export function mayCloseBind(situation: Situation): boolean {
  const { unit, level, clients } = situation;
  const untouched = unit.setting("SocketBindDeny") === undefined && unit.setting("SocketBindAllow") === undefined;
  return untouched && !boundPorts(situation).ephemeral && (level === "strict" || clients !== undefined);
}

function candidates(situation: Situation): readonly Candidate<PortList>[] {
  const { rules } = boundPorts(situation);
  if (!mayCloseBind(situation) || rules.length === 0) return [];
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
  ineffective: ["A systemd built without BPF ignores it without a word."],
  ...portList("SocketBindAllow"),
  meet: (a, b) => (a.length === 0 || b.length === 0 ? unitePorts(a, b) : a.filter((rule) => b.includes(rule))),
  door: ["SocketBindDeny"],
  samples: ["tcp:80"],
  walls: () => [],
  ladder: candidates,
};
