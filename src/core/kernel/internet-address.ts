/** Internet addresses as numbers and as text, and the first port that is free to bind. Facts: RFC 4291, RFC 5952, ip(7). */

/** An address as a number, with the bits of its family: 32 or 128. */
export interface InternetAddress {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Below this, a port may be bound only with CAP_NET_BIND_SERVICE: the default of net.ipv4.ip_unprivileged_port_start. */
export const FIRST_UNPRIVILEGED_PORT = 1024;

function parseFour(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** Eight groups of hexadecimal digits, with `::` expanded; the last two may be written as an IPv4 address. */
function parseSix(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const last = dotted?.[2] === undefined ? undefined : parseFour(dotted[2]);
  const plain =
    last === undefined ? text : `${dotted?.[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`;
  const halves = plain.split("::");
  if (halves.length > 2) {
    return undefined;
  }
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) {
    return undefined;
  }
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) {
    return undefined;
  }
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/**
 * An address in text, without a zone (`%eth0`); undefined for anything else.
 *
 * @example
 * import { parseInternetAddress, showInternetAddress } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(parseInternetAddress("10.0.0.1"), { bits: 32, value: 0x0a000001n });
 * assert.equal(showInternetAddress(parseInternetAddress("2001:DB8:0:0:0:0:0:1")), "2001:db8::1");
 * assert.equal(showInternetAddress(parseInternetAddress("::ffff:7f00:1")), "::ffff:127.0.0.1");
 * assert.equal(parseInternetAddress("1.2.3"), undefined);
 */
export function parseInternetAddress(text: string): InternetAddress | undefined {
  const bits = text.includes(":") ? 128 : 32;
  const value = bits === 128 ? parseSix(text) : parseFour(text);
  return value === undefined ? undefined : { bits, value };
}

function showFour(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join(".");
}

/** The longest run of at least two zero groups, the first if several are equally long; `start` is -1 without any. */
function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") {
      length++;
    }
    if (length > best.length) {
      best = { start, length };
    }
  }
  return best;
}

/** The canonical text of an address (RFC 5952); IPv4-mapped addresses end in dotted decimal. */
export function showInternetAddress({ bits, value }: InternetAddress): string {
  if (bits === 32) {
    return showFour(value);
  }
  if (value >> 32n === 0xffffn) {
    return `::ffff:${showFour(value & 0xffffffffn)}`;
  }
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const { start, length } = longestZeros(groups);
  if (start < 0) {
    return groups.join(":");
  }
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}
