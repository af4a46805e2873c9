/** Directives that hold a set of capabilities, and the drops that others imply. Facts: capabilities(7), systemd.exec(5). */

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { CAPABILITIES, type Capability, isCapability } from "../kernel/capability.ts";
import type { WallOrigin } from "../sandbox/origin.ts";
import { type Described, ignored, sameValue } from "./_scalar.ts";
import type { Directive, DirectiveAssignment, PlainWall } from "./directive.ts";

/** In the order of their bits; undefined when nothing was assigned. */
export type CapabilitySet = readonly Capability[] | undefined;

/** A bounding set that lacks these. */
export function dropCapabilities(by: WallOrigin, ...dropped: readonly Capability[]): PlainWall {
  return { kind: "bounding", by, keep: CAPABILITIES.filter((each) => !dropped.includes(each)) };
}

function inOrder(set: ReadonlySet<Capability>): readonly Capability[] {
  return CAPABILITIES.filter((each) => set.has(each));
}

/** A word as systemd reads it: letters of any case, or the number of the bit. */
function capabilityOf(word: string): Capability | undefined {
  const name = word.toUpperCase();
  if (isCapability(name)) {
    return name;
  }
  return /^\d+$/.test(word) ? CAPABILITIES[Number(word)] : undefined;
}

/**
 * Lines add up; `~` removes, and as the first line means "all but these". A line without a single valid name, even an
 * empty one, clears the set; with `~` it fills it.
 */
function foldLine(set: CapabilitySet, text: string): { set: CapabilitySet; unknown: readonly string[] } {
  if (text === "") {
    return { set: [], unknown: [] };
  }
  const invert = text.startsWith("~");
  const words = (invert ? text.slice(1) : text).split(/\s+/).filter((word) => word !== "");
  const named = new Set(words.map(capabilityOf).filter((each) => each !== undefined));
  const unknown = words.filter((word) => capabilityOf(word) === undefined);
  if (named.size === 0) {
    return { set: invert ? CAPABILITIES : [], unknown };
  }
  if (invert) {
    return { set: (set ?? CAPABILITIES).filter((each) => !named.has(each)), unknown };
  }
  return { set: inOrder(new Set([...(set ?? []), ...named])), unknown };
}

function foldSets(
  name: string,
  assignments: readonly DirectiveAssignment[],
  emptyIsUnset: boolean,
): { value: CapabilitySet; diagnostics: Diagnostic[] } {
  let value: CapabilitySet;
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const { set, unknown } = foldLine(value, assignment.value.trim());
    value = emptyIsUnset && set?.length === 0 ? undefined : set;
    for (const word of unknown) {
      diagnostics.push(ignored(name, { ...assignment, value: word }, "the name of a capability"));
    }
  }
  return { value, diagnostics };
}

/** A set of capabilities of which the smaller is the stricter. */
export function capabilityDirective(
  own: Described<CapabilitySet> & {
    readonly samples: readonly string[];
    /** Of a set that is empty when unset: a line that empties it makes the next line the first again. */
    readonly emptyIsUnset?: boolean;
  },
): Directive<CapabilitySet> {
  const { emptyIsUnset = false, ...described } = own;
  return {
    ...described,
    initial: undefined,
    fold: (assignments) => foldSets(own.name, assignments, emptyIsUnset),
    print: (value, below) => {
      if (value === undefined || sameValue(value, below)) {
        return [];
      }
      if (value.length === 0) {
        return [""];
      }
      return below === undefined ? [value.join(" ")] : ["", value.join(" ")];
    },
    meet: (a, b) => (a === undefined || b === undefined ? (a ?? b) : a.filter((each) => b.includes(each))),
  };
}
