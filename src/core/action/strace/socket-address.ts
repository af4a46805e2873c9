/** Socket addresses as strace prints them, by name or raw (`sin_port="\x00\x35"`). Facts: ip(7), ipv6(7), unix(7), netlink(7). */
import { ADDRESS_FAMILIES, addressFamilyName } from "../../kernel/address-family.ts";
import { fieldOf, numberOfValue } from "./meaning.ts";
import type { Value } from "./value.ts";

/** An address in text: IPv4 dotted, IPv6 in its shortest form, a path, `@name` for abstract ones, empty for all others. */
export interface SocketAddress {
  readonly family: string;
  readonly address: string;
  readonly port?: number;
}

/** Reads `{sa_family=…, …}`; undefined if it is no address. */
export function readSocketAddress(value: Value | undefined): SocketAddress | undefined {
  const number = numberOfValue(fieldOf(value, "sa_family"), ADDRESS_FAMILIES);
  const family = number === undefined ? undefined : addressFamilyName(Number(number));
  if (family === undefined || family === "AF_UNSPEC") return undefined;
  if (family === "AF_INET") return { family, address: ipv4(value), port: portOf(fieldOf(value, "sin_port")) };
  if (family === "AF_INET6") return { family, address: ipv6(value), port: portOf(fieldOf(value, "sin6_port")) };
  if (family === "AF_UNIX") return { family, address: unixName(fieldOf(value, "sun_path")) };
  return { family, address: "" };
}

function portOf(value: Value | undefined): number {
  if (value?.kind === "text") return (value.bytes.charCodeAt(0) << 8) | value.bytes.charCodeAt(1);
  const number = value?.kind === "call" ? numberOfValue(value.items[0]) : numberOfValue(value);
  return Number(number ?? 0n);
}

function unixName(value: Value | undefined): string {
  if (value?.kind !== "text") return "";
  return value.abstract ? `@${value.text}` : value.text;
}

function textIn(value: Value | undefined, index: number): string {
  const item = value?.kind === "call" ? value.items[index] : undefined;
  return item?.kind === "text" ? item.text : "";
}

function ipv4(value: Value | undefined): string {
  const address = fieldOf(value, "sin_addr");
  if (address?.kind !== "text") return textIn(address, 0);
  return [...address.bytes].map((byte) => byte.charCodeAt(0)).join(".");
}

function ipv6(value: Value | undefined): string {
  const raw = fieldOf(value, "sin6_addr");
  if (raw?.kind !== "text") return textIn(fieldOf(value, "inet_pton"), 1);
  return textOfIpv6([...raw.bytes].map((byte) => byte.charCodeAt(0)));
}

/** Sixteen bytes as the shortest text (RFC 5952), IPv4-mapped addresses with their dotted end. */
export function textOfIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return `::ffff:${bytes.slice(12, 16).join(".")}`;
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, at) => {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > best.length) best = { start, length: at + 1 - start };
  });
  return best;
}
