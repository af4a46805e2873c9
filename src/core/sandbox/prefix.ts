/** IP prefixes as text: whether an address lies in one. Facts: RFC 4291 (text of IPv6), systemd.resource-control(5). */

/** An address as a number, with the bits of its family: 32 or 128. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** An IPv4 or IPv6 address; undefined if the text is none. A zone (`%eth0`) is ignored. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.split("%")[0] ?? "";
  const four = parseFour(bare);
  if (four !== undefined) return { bits: 32, value: four };
  const six = parseSix(bare);
  return six === undefined ? undefined : { bits: 128, value: six };
}

function parseFour(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseSix(text: string): bigint | undefined {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const four = embedded === null ? undefined : parseFour(embedded[2] ?? "");
  if (embedded !== null && four === undefined) return undefined;
  const whole =
    embedded === null
      ? text
      : `${embedded[1]}${((four ?? 0n) >> 16n).toString(16)}:${((four ?? 0n) & 0xffffn).toString(16)}`;
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(missing).fill("0"), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
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
  const [base = "", length] = prefix.split("/");
  const left = unmapped(parseAddress(address));
  const right = parseAddress(base);
  if (left === undefined || right === undefined || left.bits !== right.bits) return false;
  const bits = length === undefined ? right.bits : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > right.bits) return false;
  const shift = BigInt(right.bits - bits);
  return left.value >> shift === right.value >> shift;
}

function unmapped(address: Address | undefined): Address | undefined {
  if (address === undefined || address.bits === 32 || address.value >> 32n !== 0xffffn) return address;
  return { bits: 32, value: address.value & 0xffffffffn };
}

/** Whether an address is of the loopback interface; names and unreadable text are not. */
export function isLoopback(address: string): boolean {
  return isInPrefix(address, "127.0.0.0/8") || isInPrefix(address, "::1/128");
}

/** Whether an address stands for all of the machine's: what a service listens on to be reached from anywhere. */
export function isAnyAddress(address: string): boolean {
  return unmapped(parseAddress(address))?.value === 0n;
}
