/**
 * Lists of values of one argument: the union of interval conditions, built in one go. Joining a thousand of them one by
 * one, or by halves, takes a hundred times the work.
 */
import { type Stretch, stretchesNode } from "../diagram/condition.ts";
import { type Diagrams, type NodeId, YES } from "../diagram/diagram.ts";
import { argumentWord, lowerHalf, upperHalf } from "../diagram/words.ts";
import { reduced, type Test } from "../policy/comparison.ts";
import type { Condition } from "../policy/policy.ts";

/** Values of an argument, both ends included. */
interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where a test holds, if that is one interval; a mask of the top bits alone leaves one, too. */
function spanOf(test: Test, last: bigint): Span | undefined {
  if (test.kind === "always") {
    return { from: 0n, to: last };
  }
  if (test.kind === "above") {
    return { from: test.value + 1n, to: last };
  }
  const free = last & ~test.mask;
  return (free & (free + 1n)) === 0n ? { from: test.value, to: test.value | free } : undefined;
}

/** The values for which a condition holds, as intervals; undefined for a mask that cuts them into more. */
export function spansOf(condition: Condition): readonly Span[] | undefined {
  const last = BigInt.asUintN(condition.width, -1n);
  const { test, negated } = reduced(condition);
  const span = spanOf(test, last);
  if (span === undefined) {
    return undefined;
  }
  const { from, to } = span;
  const spans = negated
    ? [
        { from: 0n, to: from - 1n },
        { from: to + 1n, to: last },
      ]
    : [span];
  return spans.filter((each) => each.from <= each.to);
}

/** The same values as sorted intervals that neither overlap nor touch. */
function merged(spans: readonly Span[]): readonly Span[] {
  const found: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)))) {
    const before = found.at(-1);
    if (before === undefined || from > before.to + 1n) {
      found.push({ from, to });
    } else if (to > before.to) {
      before.to = to;
    }
  }
  return found;
}

/** A range of upper halves, and the lower halves that are in the interval under each of them. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly lower: Stretch;
}

const LAST = 0xffffffff;

/** A 64-bit interval by its upper halves: those whose lower halves are all in it, and the two ends. */
function byUpperHalf({ from, to }: Span): readonly Part[] {
  const [first, last] = [upperHalf(from), upperHalf(to)];
  const part = (upper: number, end: number, low: number, high: number): Part => ({
    from: upper,
    to: end,
    lower: { from: low, to: high, target: YES },
  });
  if (first === last) {
    return [part(first, first, lowerHalf(from), lowerHalf(to))];
  }
  const inside = first + 1 < last ? [part(first + 1, last - 1, 0, LAST)] : [];
  return [part(first, first, lowerHalf(from), LAST), ...inside, part(last, last, 0, lowerHalf(to))];
}

/** Where an argument lies in any of the 64-bit intervals. */
function wideList(diagrams: Diagrams, argument: number, spans: readonly Span[]): NodeId {
  const word = argumentWord(argument);
  const lowers = new Map<number, { readonly to: number; readonly stretches: Stretch[] }>();
  for (const { from, to, lower } of merged(spans).flatMap(byUpperHalf)) {
    const known = lowers.get(from) ?? { to, stretches: [] };
    known.stretches.push(lower);
    lowers.set(from, known);
  }
  const uppers = [...lowers].map(([from, { to, stretches }]) => ({
    from,
    to,
    target: stretchesNode(diagrams, word + 1, stretches),
  }));
  return stretchesNode(diagrams, word, uppers);
}

/** Where the lower `width` bits of an argument lie in any of the intervals. Not for a store with atoms. */
export function listNode(diagrams: Diagrams, argument: number, width: 32 | 64, spans: readonly Span[]): NodeId {
  if (width === 64) {
    return wideList(diagrams, argument, spans);
  }
  const stretches = merged(spans).map(({ from, to }) => ({ from: Number(from), to: Number(to), target: YES }));
  return stretchesNode(diagrams, argumentWord(argument) + 1, stretches);
}
