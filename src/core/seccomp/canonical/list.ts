/**
 * Lists of values of one argument: the union of conditions that are intervals of it, made at once. To join a thousand
 * conditions one by one, or in halves, takes a hundred times the work.
 */

import { type Diagrams, NO, type NodeId, rangesNode, YES } from "../diagram/diagram.ts";
import { argumentWord } from "../diagram/words.ts";
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

/** An interval of one half, and what is said of it. */
interface Part<Said> {
  readonly from: number;
  readonly to: number;
  readonly said: Said;
}

const END = 2 ** 32;

/** The function of a word that leads somewhere in each of some intervals in order, and to NO elsewhere. */
function nodeOfParts(diagrams: Diagrams, word: number, parts: readonly Part<NodeId>[]): NodeId {
  const [starts, targets] = [[0], [NO]];
  for (const { from, to, said } of parts) {
    if (starts.at(-1) === from) targets[targets.length - 1] = said;
    else {
      starts.push(from);
      targets.push(said);
    }
    if (to + 1 < END) {
      starts.push(to + 1);
      targets.push(NO);
    }
  }
  return rangesNode(diagrams, word, starts, targets);
}

/** An interval of 64 bits by its upper halves: those of which all lower halves belong to it, and the two ends. */
function byUpperHalf({ from, to }: Span): readonly Part<Part<undefined>>[] {
  const [first, last] = [Number(from >> 32n), Number(to >> 32n)];
  const [low, high] = [Number(from & 0xffffffffn), Number(to & 0xffffffffn)];
  const all = { from: 0, to: END - 1, said: undefined };
  const part = (upper: number, end: number, lower: Part<undefined>): Part<Part<undefined>> => ({
    from: upper,
    to: end,
    said: lower,
  });
  if (first === last) return [part(first, first, { from: low, to: high, said: undefined })];
  const inside = first + 1 < last ? [part(first + 1, last - 1, all)] : [];
  return [part(first, first, { ...all, from: low }), ...inside, part(last, last, { ...all, to: high })];
}

/** Where an argument lies in one of some intervals of 64 bits. */
function wideList(diagrams: Diagrams, argument: number, spans: readonly Span[]): NodeId {
  const word = argumentWord(argument);
  const lowers = new Map<number, { readonly to: number; readonly parts: Part<NodeId>[] }>();
  for (const { from, to, said } of merged(spans).flatMap(byUpperHalf)) {
    const known = lowers.get(from) ?? { to, parts: [] };
    known.parts.push({ ...said, said: YES });
    lowers.set(from, known);
  }
  const parts = [...lowers].map(([from, { to, parts: own }]) => ({
    from,
    to,
    said: nodeOfParts(diagrams, word + 1, own),
  }));
  return nodeOfParts(diagrams, word, parts);
}

/** Where an argument lies in one of some intervals of so many of its lower bits. Not for a store with atoms. */
export function listNode(diagrams: Diagrams, argument: number, width: 32 | 64, spans: readonly Span[]): NodeId {
  if (width === 64) return wideList(diagrams, argument, spans);
  const parts = merged(spans).map(({ from, to }) => ({ from: Number(from), to: Number(to), said: YES }));
  return nodeOfParts(diagrams, argumentWord(argument) + 1, parts);
}
