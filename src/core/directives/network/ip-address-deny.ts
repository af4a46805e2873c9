/** IPAddressDeny=, with what IPAddressAllow= leaves open. Facts: systemd.resource-control(5). */

import { METADATA_ADDRESSES } from "../../kernel/metadata-address.ts";
import { setting } from "../../sandbox/origin.ts";
import { isInPrefix } from "../../sandbox/prefix.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";
import { staysAmongPeers } from "./_peers.ts";
import { wordsOfPrefixes } from "./_prefix.ts";
import { type PrefixList, prefixList, unitePrefixes } from "./_prefix-list.ts";
import { ipAddressAllow } from "./ip-address-allow.ts";

const ANY: PrefixList = ["0.0.0.0/0", "::/0"];
/** Where clouds keep the services that hand out credentials. IPv6's link-local addresses are needed to have neighbours at all. */
const METADATA: PrefixList = unitePrefixes([
  "169.254.0.0/16",
  ...Object.values(METADATA_ADDRESSES).map((address) => `${address}/${address.includes(":") ? 128 : 32}`),
]);

/** What is left of them: clouds put name servers at the same addresses, which a rehearsal may never have asked. */
function unusedMetadata({ unit, observation }: Situation): PrefixList {
  const used = needsOf(observation, "address").map(({ need }) => need.address);
  const needed = [...used, ...(unit.nameServers ?? [])];
  return METADATA.filter((prefix) => !needed.some((address) => isInPrefix(address, prefix)));
}

/**
 * The clients of a rehearsal say nothing about the real ones: who listens to the network keeps it, unless the person
 * said where clients come from.
 */
function candidates(situation: Situation): readonly Candidate<PrefixList>[] {
  const { unit, observation, clients } = situation;
  const unused = unusedMetadata(situation);
  const why = "was not seen to talk to these addresses, at which clouds hand out credentials";
  const used = METADATA.filter((prefix) => !unused.includes(prefix));
  const metadata: readonly Candidate<PrefixList>[] = [
    ...(used.length === 0 ? [] : [{ value: METADATA, reason: why, withheld: `It talks to ${used.join(", ")}.` }]),
    ...(unused.length === 0 ? [] : [{ value: unused, reason: why }]),
  ];
  const untouched = unit.setting("IPAddressDeny") === undefined && unit.setting("IPAddressAllow") === undefined;
  const local = staysAmongPeers(observation);
  const withheld = !untouched
    ? "The unit has lists of its own, which say whom it talks to."
    : !local && clients === undefined
      ? "The clients of a rehearsal say nothing about the real ones: --clients names those."
      : undefined;
  const reason = local
    ? "nobody comes to it from the network, and it was only seen to talk to what IPAddressAllow= lists"
    : "whoever is not among the given clients is shut out";
  return [{ value: ANY, reason, withheld }, ...metadata];
}

/** Packets from and to these addresses are dropped. */
export const ipAddressDeny: Directive<PrefixList> = {
  name: "IPAddressDeny",
  since: 235,
  group: "network",
  summary: "Drops the service's packets from and to these addresses.",
  breaks:
    "Clients and servers at those addresses, name servers too; behind a load balancer of Azure its probes, from 168.63.129.16.",
  broke: [{ sentence: "systemd-logind did not know users from NIS.", reference: "systemd/systemd#9072" }],
  weight: 1000,
  requires: ["address-filter"],
  ineffective: [
    "It does nothing where systemd may not load BPF programs into cgroups, as in many containers.",
    "Sockets made by another unit, as in socket activation, belong to that unit.",
  ],
  ...prefixList("IPAddressDeny"),
  meet: (a, b) => unitePrefixes(a, b),
  samples: ["any", "169.254.0.0/16", "localhost"],
  walls: (value, facts) =>
    value.length === 0
      ? []
      : [
          {
            kind: "addresses",
            by: setting("IPAddressDeny", wordsOfPrefixes(value).join(" ")),
            deny: value,
            allow: facts.valueOf(ipAddressAllow),
          },
        ],
  ladder: candidates,
};
