/** The other machines that a service turned to, and whether they are all that it will ever turn to. Facts: RFC 1918, RFC 4193, RFC 6598. */
import type { Observation } from "../../action/action.ts";
import { isInPrefix, prefixOfHost, showPrefix } from "../../sandbox/prefix.ts";
import { facesTheNetwork, isOfThisMachine, type NeedOf, needsOf } from "../seen.ts";
import type { PrefixList } from "./_prefix-list.ts";

/** Private networks: an address in them was configured by somebody, not returned by a name server. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

const DNS_PORT = 53;
const RESOLVER = "/run/systemd/resolve/";

/** Addresses of other machines that it connected or sent to, as prefixes. */
export function peersOf(observation: Observation): PrefixList {
  return needsOf(observation, "address").flatMap(({ need }) => (isOutward(need) ? prefixesOf(need.address) : []));
}

/**
 * Whether nobody comes from the network and all that it turns to is this machine and private addresses, none of them
 * found by a name server, and nothing else was even tried.
 */
export function staysAmongPeers(observation: Observation): boolean {
  if (facesTheNetwork(observation)) {
    return false;
  }
  const tried = observation.seen.flatMap(({ action }) => action.needs).filter((need) => need.kind === "address");
  return tried.every((need) => !asksNames(need) && (!isOutward(need) || isPrivate(need.address)));
}

function isOutward({ operation, family, address }: NeedOf<"address">): boolean {
  return (operation === "connect" || operation === "send") && !isOfThisMachine(family, address);
}

function asksNames({ operation, address, port }: NeedOf<"address">): boolean {
  return operation !== "bind" && (port === DNS_PORT || address.startsWith(RESOLVER));
}

function prefixesOf(address: string): PrefixList {
  const prefix = prefixOfHost(address);
  return prefix === undefined ? [] : [showPrefix(prefix)];
}

function isPrivate(address: string): boolean {
  return PRIVATE.some((network) => isInPrefix(address, network));
}
