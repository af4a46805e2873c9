/** Directives that take one word of a few. Facts: systemd.exec(5). */

import { parseBoolean } from "./_boolean.ts";
import { type Described, scalarDirective } from "./_scalar.ts";
import type { Directive } from "./directive.ts";

/** What a choice adds to its description. */
export interface ChoiceShape<T extends string> {
  /** Strictest first; `yes` and `no` stand for every spelling of a boolean. */
  readonly values: readonly T[];
  readonly initial: T;
  /** Where strictness is no straight line. */
  readonly meet?: (a: T, b: T) => T;
  /** Versions of single values; those of other values are the directive's own. */
  readonly newer?: { readonly [value in T]?: number };
}

function spelt(text: string): string {
  const boolean = parseBoolean(text);
  if (boolean === undefined) {
    return text;
  }
  return boolean ? "yes" : "no";
}

/** One word of a list; the samples are all of them but the initial one. */
export function choiceDirective<T extends string>(
  own: Omit<Described<T>, "valueSince"> & ChoiceShape<T>,
): Directive<T> {
  const { values, newer, ...described } = own;
  const valueSince = (value: T): number => newer?.[value] ?? own.since;
  return scalarDirective<T>({
    ...described,
    valueSince,
    parse: (text, facts) => {
      const value = values.find((each) => each === text) ?? values.find((each) => each === spelt(text));
      return value === undefined || valueSince(value) > facts.systemd ? undefined : value;
    },
    show: (value) => value,
    meet: own.meet ?? ((a, b) => (values.indexOf(a) <= values.indexOf(b) ? a : b)),
    samples: values.filter((value) => value !== own.initial && value !== ""),
    expects: `one of ${values.filter((value) => value !== "").join(", ")} (as far as this version of systemd knows them)`,
  });
}
