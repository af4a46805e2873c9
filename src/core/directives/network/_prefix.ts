/** IP addresses with a prefix length, as IPAddressAllow= and IPAddressDeny= take them. Facts: systemd.resource-control(5), RFC 5952. */

/** Network bits only; `bits` is 32 or 128 wide. */
export interface Prefix {
  readonly width: 32 | 128;
  readonly bits: bigint;
  readonly length: number;
}

/** Words for several prefixes. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  any: ["0.0.0.0/0", "::/0"],
  localhost: ["127.0.0.0/8", "::1/128"],
  "link-local": ["169.254.0.0/16", "fe80::/64"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
};

function parse4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function groupsOf(text: string): readonly string[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
  if (head === undefined) return undefined;
  if (tail === undefined) return head.length === 8 ? head : undefined;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
}

function parse6(text: string): bigint | undefined {
  // An IPv4 address may stand for the last two groups.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const last = dotted?.[2] === undefined ? undefined : parse4(dotted[2]);
  const plain =
    last === undefined ? text : `${dotted?.[1]}${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`;
  const groups = groupsOf(plain);
  if (!groups?.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function masked(width: 32 | 128, bits: bigint, length: number): Prefix {
  const rest = BigInt(width - length);
  return { width, bits: (bits >> rest) << rest, length };
}

/** One address or prefix; undefined when it is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [address = "", suffix, ...rest] = text.split("/");
  const width = address.includes(":") ? 128 : 32;
  const bits = width === 128 ? parse6(address) : parse4(address);
  if (bits === undefined || rest.length > 0 || (suffix !== undefined && !/^\d{1,3}$/.test(suffix))) return undefined;
  const length = suffix === undefined ? width : Number(suffix);
  return length > width ? undefined : masked(width, bits, length);
}

/** The prefixes of a word; undefined when it means none. */
export function prefixesOfWord(word: string): readonly Prefix[] | undefined {
  const texts = Object.hasOwn(WORDS, word) ? (WORDS[word] ?? []) : [word];
  const prefixes = texts.map(parsePrefix).filter((prefix) => prefix !== undefined);
  return prefixes.length === texts.length ? prefixes : undefined;
}

/** The longest run of two or more zero groups is written `::`. */
function text6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === "0") length++;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}

/** The one way to write a prefix, always with its length. */
export function showPrefix({ width, bits, length }: Prefix): string {
  const address =
    width === 128 ? text6(bits) : [24n, 16n, 8n, 0n].map((shift) => ((bits >> shift) & 0xffn).toString()).join(".");
  return `${address}/${length}`;
}

/** Whether all addresses of a prefix lie in another. */
export function isWithin(inner: Prefix, outer: Prefix): boolean {
  return (
    inner.width === outer.width &&
    inner.length >= outer.length &&
    masked(inner.width, inner.bits, outer.length).bits === outer.bits
  );
}

/** Sorted, without those that lie in another. */
export function reducePrefixes(prefixes: readonly Prefix[]): readonly Prefix[] {
  const unique = [...new Map(prefixes.map((prefix) => [showPrefix(prefix), prefix])).values()];
  return unique
    .filter((prefix) => !unique.some((other) => other !== prefix && isWithin(prefix, other)))
    .sort((a, b) => a.width - b.width || (a.bits < b.bits ? -1 : a.bits > b.bits ? 1 : a.length - b.length));
}

/** The shortest words: `any` and its like where both their prefixes are there. */
export function wordsOfPrefixes(prefixes: readonly string[]): readonly string[] {
  const left = new Set(prefixes);
  const words: string[] = [];
  for (const [word, members] of Object.entries(WORDS)) {
    if (!members.every((member) => left.has(member))) continue;
    words.push(word);
    for (const member of members) left.delete(member);
  }
  return [...words, ...left];
}
