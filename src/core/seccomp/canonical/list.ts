/**
 * Lists of values of one argument: the union of conditions that are intervals of it, made at once. To join a thousand
 * conditions one by one, or in halves, takes a hundred times the work.
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

/** Where a test holds, if that is one interval: a mask of the upper bits alone leaves one, too. */
function spanOf(test: Test, last: bigint): Span | undefined {
  if (test.kind === "always") return { from: 0n, to: last };
  if (test.kind === "above") return { from: test.value + 1n, to: last };
  const free = last & ~test.mask;
  return (free & (free + 1n)) === 0n ? { from: test.value, to: test.value | free } : undefined;
}

/** The values for which a condition holds, as intervals; undefined for masks that leave more of them. */
export function spansOf(condition: Condition): readonly Span[] | undefined {
  const last = BigInt.asUintN(condition.width, -1n);
  const { test, negated } = reduced(condition);
  const span = spanOf(test, last);
  if (span === undefined) return undefined;
  const { from, to } = span;
  const spans = negated
    ? [
        { from: 0n, to: from - 1n },
        { from: to + 1n, to: last },
      ]
    : [span];
  return spans.filter((each) => each.from <= each.to);
}

/** Intervals in order that neither meet nor touch. */
function merged(spans: readonly Span[]): readonly Span[] {
  const found: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from)))) {
    const before = found.at(-1);
    if (before === undefined || from > before.to + 1n) found.push({ from, to });
    else if (to > before.to) before.to = to;
  }
  return found;
}

/** Upper halves, and the lower halves that belong to an interval beside each of them. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly lower: Stretch;
}

const LAST = 0xffffffff;

/** An interval of 64 bits by its upper halves: those of which all lower halves belong to it, and the two ends. */
function byUpperHalf({ from, to }: Span): readonly Part[] {
  const [first, last] = [upperHalf(from), upperHalf(to)];
  const part = (upper: number, end: number, low: number, high: number): Part => ({
    from: upper,
    to: end,
    lower: { from: low, to: high, target: YES },
  });
  if (first === last) return [part(first, first, lowerHalf(from), lowerHalf(to))];
  const inside = first + 1 < last ? [part(first + 1, last - 1, 0, LAST)] : [];
  return [part(first, first, lowerHalf(from), LAST), ...inside, part(last, last, 0, lowerHalf(to))];
}

/** Where an argument lies in one of some intervals of 64 bits. */
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

/** Where an argument lies in one of some intervals of so many of its lower bits. Not for a store with atoms. */
export function listNode(diagrams: Diagrams, argument: number, width: 32 | 64, spans: readonly Span[]): NodeId {
  if (width === 64) return wideList(diagrams, argument, spans);
  const stretches = merged(spans).map(({ from, to }) => ({ from: Number(from), to: Number(to), target: YES }));
  return stretchesNode(diagrams, argumentWord(argument) + 1, stretches);
}
