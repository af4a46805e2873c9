/** The words of IPAddressAllow= and IPAddressDeny=: prefixes, and names for several. Facts: systemd.resource-control(5). */
import { isPrefixWithin, type Prefix, parsePrefix, showPrefix } from "../../sandbox/prefix.ts";

/** Words for several prefixes. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  any: ["0.0.0.0/0", "::/0"],
  localhost: ["127.0.0.0/8", "::1/128"],
  "link-local": ["169.254.0.0/16", "fe80::/64"],
  multicast: ["224.0.0.0/4", "ff00::/8"],
};

/** The prefixes that a word stands for; undefined if systemd would not accept it. */
export function prefixesOfWord(word: string): readonly Prefix[] | undefined {
  const texts = Object.hasOwn(WORDS, word) ? (WORDS[word] ?? []) : [word];
  const prefixes = texts.map(parsePrefix).filter((prefix) => prefix !== undefined);
  return prefixes.length === texts.length ? prefixes : undefined;
}

/** Sorted, without those that lie in another. */
export function reducePrefixes(prefixes: readonly Prefix[]): readonly Prefix[] {
  const unique = [...new Map(prefixes.map((prefix) => [showPrefix(prefix), prefix])).values()];
  return unique
    .filter((prefix) => !unique.some((other) => other !== prefix && isPrefixWithin(prefix, other)))
    .sort((a, b) => a.bits - b.bits || (a.value < b.value ? -1 : a.value > b.value ? 1 : a.length - b.length));
}

/** The shortest words: `any` and its like where both their prefixes are there. */
export function wordsOfPrefixes(prefixes: readonly string[]): readonly string[] {
  const left = new Set(prefixes);
  const words: string[] = [];
  for (const [word, members] of Object.entries(WORDS)) {
    if (!members.every((member) => left.has(member))) {
      continue;
    }
    words.push(word);
    for (const member of members) {
      left.delete(member);
    }
  }
  return [...words, ...left];
}
