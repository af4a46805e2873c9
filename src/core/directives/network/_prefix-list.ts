/** Lists of prefixes: lines add up, an empty line empties. Facts: systemd.resource-control(5) "IPAddressAllow=". */
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { isPrefixWithin, type Prefix, parsePrefix, showPrefix } from "../../sandbox/prefix.ts";
import { ignored, sameValue } from "../_scalar.ts";
import type { Directive, DirectiveAssignment } from "../directive.ts";
import { prefixesOfWord, reducePrefixes, wordsOfPrefixes } from "./_prefix.ts";

/** Prefixes as `10.0.0.0/8`, sorted, none inside another. */
export type PrefixList = readonly string[];

function parsed(list: PrefixList): readonly Prefix[] {
  return list.map(parsePrefix).filter((prefix) => prefix !== undefined);
}

/** Everything in one of the lists. */
export function unitePrefixes(...lists: readonly PrefixList[]): PrefixList {
  return reducePrefixes(lists.flatMap(parsed)).map(showPrefix);
}

/** What is in both lists. */
export function intersectPrefixes(a: PrefixList, b: PrefixList): PrefixList {
  const [first, second] = [parsed(a), parsed(b)];
  const within = (prefix: Prefix, list: readonly Prefix[]) => list.some((other) => isPrefixWithin(prefix, other));
  const both = [
    ...first.filter((prefix) => within(prefix, second)),
    ...second.filter((prefix) => within(prefix, first)),
  ];
  return reducePrefixes(both).map(showPrefix);
}

function fold(
  name: string,
  assignments: readonly DirectiveAssignment[],
): { value: PrefixList; diagnostics: Diagnostic[] } {
  let value: PrefixList = [];
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const words = assignment.value.split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) {
      value = [];
    }
    for (const word of words) {
      const prefixes = prefixesOfWord(word);
      if (prefixes === undefined) {
        diagnostics.push(
          ignored(
            name,
            { ...assignment, value: word },
            "an IP address, a prefix or any, localhost, link-local, multicast",
          ),
        );
      } else {
        value = unitePrefixes(value, prefixes.map(showPrefix));
      }
    }
  }
  return { value, diagnostics };
}

/** How such a list is folded and written. */
export function prefixList(name: string): Pick<Directive<PrefixList>, "initial" | "fold" | "print"> {
  return {
    initial: [],
    fold: (assignments) => fold(name, assignments),
    print: (value, below) => {
      if (sameValue(value, below)) {
        return [];
      }
      const words = wordsOfPrefixes(value).join(" ");
      if (value.length === 0) {
        return [""];
      }
      return sameValue(unitePrefixes(value, below), value) ? [words] : ["", words];
    },
  };
}
