/** Which addresses and ports one sandbox grants that another refuses. Facts: as in network.ts. */
import type { Need } from "../action/action.ts";
import { showInternetAddress } from "../kernel/internet-address.ts";
import { judgeAddress } from "./network.ts";
import { parsePrefix } from "./prefix.ts";
import type { Wall } from "./wall.ts";

type AddressNeed = Extract<Need, { readonly kind: "address" }>;
type Walls = readonly Wall[];

/** Only address and port lists count here: a network namespace is compared as such. */
function grants(walls: Walls, kind: "addresses" | "ports", need: AddressNeed): boolean {
  const lists = walls.filter((wall) => wall.kind === kind);
  return judgeAddress(lists, need, {}).kind === "granted";
}

/** Addresses that can be reached after but not before. */
export function loosenedAddresses(before: Walls, after: Walls): readonly string[] {
  const lists = [...before, ...after].flatMap((wall) =>
    wall.kind === "addresses" ? [...wall.deny, ...wall.allow] : [],
  );
  const samples = new Set(["127.0.0.1", "192.0.2.1", "169.254.169.254", "::1", "2001:db8::1", ...lists.flatMap(ends)]);
  const open = [...samples].filter((address) => {
    const family = address.includes(":") ? "AF_INET6" : "AF_INET";
    const need: AddressNeed = { kind: "address", operation: "connect", family, address };
    return !grants(before, "addresses", need) && grants(after, "addresses", need);
  });
  return open.map((address) => `${address} can be reached`);
}

/** The first and the last address of a prefix, and their neighbours outside, as text. */
function ends(text: string): readonly string[] {
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    return [];
  }
  const { bits, value: first, length } = prefix;
  const size = 1n << BigInt(bits - length);
  return [first - 1n, first, first + size - 1n, first + size]
    .filter((value) => value >= 0n && value >> BigInt(bits) === 0n)
    .map((value) => showInternetAddress({ bits, value }));
}

/** Ports that can be bound after but not before. */
export function loosenedPorts(before: Walls, after: Walls): readonly string[] {
  const rules = [...before, ...after].flatMap((wall) => (wall.kind === "ports" ? [...wall.deny, ...wall.allow] : []));
  const ports = new Set([0, 1024, 65535, ...rules.flatMap(borders)]);
  const open: string[] = [];
  for (const port of ports) {
    for (const family of ["AF_INET", "AF_INET6"]) {
      for (const transport of ["tcp", "udp"] as const) {
        const need: AddressNeed = { kind: "address", operation: "bind", family, address: "", port, transport };
        if (!grants(before, "ports", need) && grants(after, "ports", need)) {
          open.push(`${family} ${transport}:${port}`);
        }
      }
    }
  }
  return open.map((port) => `${port} can be bound`);
}

function borders(rule: string): readonly number[] {
  const match = /(\d+)(?:-(\d+))?$/.exec(rule);
  if (match === null) {
    return [];
  }
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return [first - 1, first, last, last + 1].filter((port) => port >= 0 && port <= 65535);
}
