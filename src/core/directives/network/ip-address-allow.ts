/** IPAddressAllow=. Facts: systemd.resource-control(5): what it lists passes, whatever IPAddressDeny= says. */

import type { Candidate, Directive, Situation } from "../directive.ts";
import { facesTheNetwork, staysOnLoopback } from "../seen.ts";
import { peersOf, staysAmongPeers } from "./_peers.ts";
import { intersectPrefixes, type PrefixList, prefixList, unitePrefixes } from "./_prefix-list.ts";

const LOCALHOST: PrefixList = ["127.0.0.0/8", "::1/128"];

/** Opened together with IPAddressDeny=any, and only where the unit has neither. */
function candidates({ unit, observation, clients }: Situation): readonly Candidate<PrefixList>[] {
  if (unit.setting("IPAddressDeny") !== undefined || unit.setting("IPAddressAllow") !== undefined) {
    return [];
  }
  if (!facesTheNetwork(observation) && staysOnLoopback(observation)) {
    return [{ value: LOCALHOST, reason: "was only seen to talk to this machine itself" }];
  }
  const peers = peersOf(observation);
  if (staysAmongPeers(observation)) {
    const reason = `was only seen to talk to this machine and to ${peers.join(", ")}`;
    return [{ value: unitePrefixes(LOCALHOST, peers), reason, doors: peers.map((peer) => `connected to ${peer}`) }];
  }
  if (clients === undefined) {
    return [];
  }
  return [
    {
      value: unitePrefixes(LOCALHOST, clients, peers),
      reason: `clients come from ${clients.join(", ")} only; servers that it was seen to ask stay open`,
    },
  ];
}

/** A door in IPAddressDeny=. */
export const ipAddressAllow: Directive<PrefixList> = {
  name: "IPAddressAllow",
  since: 235,
  group: "network",
  summary: "Lets packets from and to these addresses pass although IPAddressDeny= covers them.",
  breaks: "Nothing.",
  weight: 1000,
  requires: ["address-filter"],
  ineffective: ["It does nothing without IPAddressDeny=."],
  ...prefixList("IPAddressAllow"),
  // An unset door says nothing; two lists open what both open.
  meet: (a, b) => (a.length === 0 || b.length === 0 ? unitePrefixes(a, b) : intersectPrefixes(a, b)),
  door: ["IPAddressDeny"],
  samples: ["localhost"],
  walls: () => [],
  ladder: candidates,
};
