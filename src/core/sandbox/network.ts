/**
 * Judges addresses: what a network namespace cuts off, systemd's address and port lists, privileged ports, sockets in
 * the file system. Facts: network_namespaces(7), unix(7), ip(7), systemd.resource-control(5). Which families may be
 * opened at all is a filter's business.
 */
import type { Need } from "../action/action.ts";
import { FIRST_UNPRIVILEGED_PORT } from "../kernel/internet-address.ts";
import { type Answer, GRANTED, refused, together } from "./answer.ts";
import { credentialsOf, isCapable } from "./credentials.ts";
import { judgePath } from "./files.ts";
import { isAnyAddress, isInPrefix, isLoopback } from "./prefix.ts";
import { isMade, peerAt, type Surroundings } from "./surroundings.ts";
import type { Wall } from "./wall.ts";

type AddressNeed = Extract<Need, { readonly kind: "address" }>;

/** Judges binding to an address, or talking to one. */
export function judgeAddress(walls: readonly Wall[], need: AddressNeed, surroundings: Surroundings): Answer {
  switch (need.family) {
    case "AF_UNIX":
      return judgeUnix(walls, need, surroundings);
    case "AF_INET":
    case "AF_INET6":
      return judgeInternet(walls, need);
    default:
      return GRANTED;
  }
}

function hasOwnNetwork(walls: readonly Wall[]): boolean {
  return walls.some((wall) => wall.kind === "namespace" && wall.namespace === "net");
}

function judgeUnix(walls: readonly Wall[], { address, operation }: AddressNeed, surroundings: Surroundings): Answer {
  if (address.startsWith("@")) {
    const foreign = operation !== "bind" && !isMade(surroundings, address);
    return foreign && hasOwnNetwork(walls) ? refused("ECONNREFUSED") : GRANTED;
  }
  if (!address.startsWith("/")) {
    return GRANTED;
  }
  if (operation === "bind") {
    return judgePath(walls, { kind: "path", path: address, access: "create" }, surroundings);
  }
  // Whoever connects needs write permission for the socket; a read-only file system does not matter.
  const file = peerAt(surroundings, address)?.file;
  const need = file === undefined ? ({ access: "look" } as const) : ({ access: "write", file } as const);
  return judgePath(walls, { kind: "path", path: address, ...need }, surroundings);
}

function judgeInternet(walls: readonly Wall[], need: AddressNeed): Answer {
  if (need.operation === "bind") {
    return together(judgePort(walls, need), judgeOwnAddress(walls, need));
  }
  return together(judgeReach(walls, need), judgeLists(walls, need));
}

/** In a network namespace of its own the process has nothing but a loopback interface, and nobody else is there. */
function judgeReach(walls: readonly Wall[], need: AddressNeed): Answer {
  if (!hasOwnNetwork(walls)) {
    return GRANTED;
  }
  return refused(isLoopback(need.address) || isAnyAddress(need.address) ? "ECONNREFUSED" : "ENETUNREACH");
}

function judgeOwnAddress(walls: readonly Wall[], need: AddressNeed): Answer {
  const local = need.address === "" || isLoopback(need.address) || isAnyAddress(need.address);
  return local || !hasOwnNetwork(walls) ? GRANTED : refused("EADDRNOTAVAIL");
}

/** An allowed prefix wins over a denied one. A refused TCP packet vanishes; a datagram's sender gets EPERM. */
function judgeLists(walls: readonly Wall[], need: AddressNeed): Answer {
  const lists = walls.filter((wall) => wall.kind === "addresses");
  const address = isAnyAddress(need.address) ? (need.family === "AF_INET6" ? "::1" : "127.0.0.1") : need.address;
  const within = (prefix: string): boolean => isInPrefix(address, prefix);
  if (lists.some((list) => list.allow.some(within))) {
    return GRANTED;
  }
  if (!lists.some((list) => list.deny.some(within))) {
    return GRANTED;
  }
  return refused(need.transport === "udp" || need.operation === "send" ? "EPERM" : "ETIMEDOUT");
}

function judgePort(walls: readonly Wall[], need: AddressNeed): Answer {
  const { port } = need;
  if (port === undefined) {
    return GRANTED;
  }
  const lists = walls.filter((wall) => wall.kind === "ports");
  const named = (rule: string): boolean => coversPort(rule, need.family, need.transport, port);
  const listed = lists.some((list) => list.deny.some(named)) && !lists.some((list) => list.allow.some(named));
  if (listed) {
    return refused("EPERM");
  }
  const privileged = port > 0 && port < FIRST_UNPRIVILEGED_PORT;
  return privileged && !isCapable(credentialsOf(walls), "CAP_NET_BIND_SERVICE", "net") ? refused("EACCES") : GRANTED;
}

/**
 * Whether a rule of SocketBindAllow= or SocketBindDeny= covers a port: `[ipv4:|ipv6:][tcp:|udp:]PORT[-PORT]`, `any`, or
 * a family or transport alone. An unknown transport is covered by a rule for either.
 */
export function coversPort(rule: string, family: string, transport: string | undefined, port: number): boolean {
  return rule.split(":").every((part) => {
    switch (part) {
      case "any":
        return true;
      case "ipv4":
        return family === "AF_INET";
      case "ipv6":
        return family === "AF_INET6";
      case "tcp":
      case "udp":
        return transport === undefined || part === transport;
      default:
        return isInRange(part, port);
    }
  });
}

function isInRange(range: string, port: number): boolean {
  const match = /^(\d+)(?:-(\d+))?$/.exec(range);
  if (match === null) {
    return false;
  }
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= port && port <= last;
}
