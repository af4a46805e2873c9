/** Directives that are on or off. Facts: systemd.syntax(7), "Booleans". */

import { type Described, scalarDirective } from "./_scalar.ts";
import type { Candidate, Directive, FilterPart, FilterWall, PlainWall, Situation, UnitFacts } from "./directive.ts";

/** A boolean as systemd reads it; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (["1", "yes", "y", "true", "t", "on"].includes(word)) {
    return true;
  }
  if (["0", "no", "n", "false", "f", "off"].includes(word)) {
    return false;
  }
  return undefined;
}

/** The ladder of a boolean: worth trying, for this reason, in every situation. */
export function worthTrying(reason: string): (situation: Situation) => readonly Candidate<boolean>[] {
  return () => [{ value: true, reason }];
}

/** What `yes` loads. */
interface FilterOfYes extends Omit<FilterPart<boolean>, "walls"> {
  readonly walls: (facts: UnitFacts) => readonly FilterWall[];
}

/** A boolean, off unless assigned; `walls` and `filter` say what `yes` builds. */
export function booleanDirective(
  own: Omit<Described<boolean>, "walls" | "filter"> & {
    /** Whether a bad value makes systemd refuse the unit. */
    readonly fatal?: boolean;
    readonly walls: (facts: UnitFacts) => readonly PlainWall[];
    readonly filter?: FilterOfYes;
  },
): Directive<boolean> {
  const { filter, ...described } = own;
  return scalarDirective({
    ...described,
    ...(filter === undefined
      ? {}
      : { filter: { ...filter, walls: (value, facts) => (value ? filter.walls(facts) : []) } }),
    initial: false,
    parse: parseBoolean,
    show: (value) => (value ? "yes" : "no"),
    meet: (a, b) => a || b,
    samples: ["yes"],
    expects: "yes or no",
    walls: (value, facts) => (value ? own.walls(facts) : []),
  });
}
