/** IP prefixes: whether an address lies in one. Facts: RFC 4291, systemd.resource-control(5). */
import { type InternetAddress, parseInternetAddress, showInternetAddress } from "../kernel/internet-address.ts";

/** All addresses of a family that begin with the same `length` bits; the remaining bits are zero. */
export interface Prefix extends InternetAddress {
  readonly length: number;
}

function prefixOf({ bits, value }: InternetAddress, length: number): Prefix {
  const rest = BigInt(bits - length);
  return { bits, value: (value >> rest) << rest, length };
}

/** Parses an address or prefix (`10.0.0.0/8`); undefined if it is neither. Bits beyond the prefix are cleared. */
export function parsePrefix(text: string): Prefix | undefined {
  const [base = "", suffix, ...rest] = text.split("/");
  const address = parseInternetAddress(base);
  if (address === undefined || rest.length > 0 || (suffix !== undefined && !/^\d{1,3}$/.test(suffix))) {
    return undefined;
  }
  const length = suffix === undefined ? address.bits : Number(suffix);
  return length > address.bits ? undefined : prefixOf(address, length);
}

/** A prefix in canonical form, always with its length. */
export function showPrefix(prefix: Prefix): string {
  return `${showInternetAddress(prefix)}/${prefix.length}`;
}

/** Whether all addresses of a prefix lie in another. */
export function isPrefixWithin(inner: Prefix, outer: Prefix): boolean {
  return (
    inner.bits === outer.bits && inner.length >= outer.length && prefixOf(inner, outer.length).value === outer.value
  );
}

/** An address without its zone; IPv4-mapped IPv6 addresses count as IPv4. */
function addressOf(text: string): InternetAddress | undefined {
  const address = parseInternetAddress(text.split("%")[0] ?? "");
  if (address === undefined || address.bits === 32 || address.value >> 32n !== 0xffffn) {
    return address;
  }
  return { bits: 32, value: address.value & 0xffffffffn };
}

/** The prefix of a single address, an IPv4 one if it is IPv4-mapped; undefined for anything else. */
export function prefixOfHost(address: string): Prefix | undefined {
  const host = addressOf(address);
  return host === undefined ? undefined : prefixOf(host, host.bits);
}

/**
 * Whether an address lies in a prefix (`10.0.0.0/8`, `::1`); IPv4-mapped IPv6 addresses count as IPv4. False when either
 * text cannot be read or the families differ.
 *
 * @example
 * import { isInPrefix } from "cloison";
 * import assert from "node:assert";
 * assert.ok(isInPrefix("169.254.169.254", "169.254.0.0/16"));
 * assert.ok(isInPrefix("::ffff:127.0.0.1", "127.0.0.0/8"));
 * assert.ok(!isInPrefix("::1", "0.0.0.0/0"));
 */
export function isInPrefix(address: string, prefix: string): boolean {
  const inner = prefixOfHost(address);
  const outer = parsePrefix(prefix);
  return inner !== undefined && outer !== undefined && isPrefixWithin(inner, outer);
}

/** Whether an address is a loopback one; names and unreadable text are not. */
export function isLoopback(address: string): boolean {
  return isInPrefix(address, "127.0.0.0/8") || isInPrefix(address, "::1/128");
}

/** Whether this is the wildcard address, on which a service listens to be reached from anywhere. */
export function isAnyAddress(address: string): boolean {
  return addressOf(address)?.value === 0n;
}
