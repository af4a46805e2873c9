/**
 * The way back from a diagram to rules: what a function decides by a call's arguments, as the ordered list of
 * conditions on whole arguments that a person would write, the last one unconditional.
 */
import { conditionAt } from "../diagram/atom.ts";
import { type BitId, bitsOfRanges, isTerminal, nodeOfTerminal } from "../diagram/bits.ts";
import { branchNode } from "../diagram/combine.ts";
import { both, equals } from "../diagram/condition.ts";
import { cubeOf } from "../diagram/cube.ts";
import { type Diagrams, NO, type Node, type NodeId, topWord, YES } from "../diagram/diagram.ts";
import { argumentWord, POINTER_WORD, WORDS } from "../diagram/words.ts";
import type { Condition } from "../policy/policy.ts";

/** A conjunction of conditions and the function that follows it, which tests later arguments only. */
interface Cell {
  readonly when: readonly Condition[];
  readonly node: NodeId;
}

/** An inclusive range of values of an argument, or of half of one, and what follows. */
interface WideInterval {
  readonly from: bigint;
  readonly to: bigint;
  readonly node: NodeId;
}

type RangesNode = Extract<Node, { kind: "ranges" }>;

const LAST = 0xffffffffn;

function intervalsOf(node: RangesNode): readonly WideInterval[] {
  return node.starts.map((start, place) => ({
    from: BigInt(start),
    to: BigInt((node.starts[place + 1] ?? 2 ** 32) - 1),
    node: node.targets[place] ?? NO,
  }));
}

/** An interval of the lower half for one value of the upper. */
function under(upper: bigint, { from, to, node }: WideInterval): WideInterval {
  return { from: (upper << 32n) | from, to: (upper << 32n) | to, node };
}

/** The intervals of both halves as 64-bit intervals; undefined where the lower half matters under many upper ones. */
function wideIntervals(diagrams: Diagrams, node: RangesNode): readonly WideInterval[] | undefined {
  const found: WideInterval[] = [];
  for (const { from, to, node: below } of intervalsOf(node)) {
    const lower = diagrams.nodes[below];
    const testsLower = lower !== undefined && lower.kind !== "leaf" && lower.word === node.word + 1;
    if (!testsLower) {
      found.push({ from: from << 32n, to: (to << 32n) | LAST, node: below });
    } else if (from !== to || lower.kind !== "ranges") {
      return undefined;
    } else {
      found.push(...intervalsOf(lower).map((part) => under(from, part)));
    }
  }
  return joined(found);
}

function joined(intervals: readonly WideInterval[]): readonly WideInterval[] {
  const found: WideInterval[] = [];
  for (const interval of intervals) {
    const last = found.at(-1);
    if (last?.node === interval.node) {
      found[found.length - 1] = { ...last, to: interval.to };
    } else {
      found.push(interval);
    }
  }
  return found;
}

/** The node to leave for last: the one with the most intervals, a wide one counting for more. */
function background(intervals: readonly WideInterval[]): NodeId {
  const scores = new Map<NodeId, number>();
  for (const { from, to, node } of intervals) {
    scores.set(node, (scores.get(node) ?? 0) + (from === to ? 1 : 1.5));
  }
  let best = intervals[0]?.node ?? NO;
  for (const [node, score] of scores) {
    if (score > (scores.get(best) ?? 0)) {
      best = node;
    }
  }
  return best;
}

type Place = Pick<Condition, "argument" | "width">;

function conditionsOf(place: Place, { from, to }: Pick<WideInterval, "from" | "to">): readonly Condition[] {
  const most = place.width === 32 ? LAST : 2n ** 64n - 1n;
  if (from === to) {
    return [{ ...place, operator: "eq", value: from }];
  }
  const lower: readonly Condition[] = from === 0n ? [] : [{ ...place, operator: "ge", value: from }];
  return to === most ? lower : [...lower, { ...place, operator: "le", value: to }];
}

function cellsOfIntervals(place: Place, intervals: readonly WideInterval[], last?: NodeId): readonly Cell[] {
  const rest = last ?? background(intervals);
  const named = intervals.filter(({ node }) => node !== rest);
  return [...named.map((each) => ({ when: conditionsOf(place, each), node: each.node })), { when: [], node: rest }];
}

function cellsOfBits(diagrams: Diagrams, argument: number, upper: boolean, root: BitId): readonly Cell[] {
  if (isTerminal(root)) {
    return [{ when: [], node: nodeOfTerminal(root) }];
  }
  const { mask, value, pass, fail } = cubeOf(diagrams.bits, root);
  const moved = (word: number): bigint => (upper ? BigInt(word) << 32n : BigInt(word));
  const width = upper ? 64 : 32;
  const held: Condition = { argument, width, operator: "masked-eq", value: moved(value), mask: moved(mask) };
  const inside = cellsOfBits(diagrams, argument, upper, pass);
  return [
    ...inside.map(({ when, node }) => ({ when: [held, ...when], node })),
    ...cellsOfBits(diagrams, argument, upper, fail),
  ];
}

/** Fewer cells than FEW cannot be shortened; beyond MANY one less makes no difference to a reader. */
const FEW = 4;
const MANY = 64;

/** How much there is to read. */
function length(cells: readonly Cell[]): number {
  return cells.reduce((sum, { when }) => sum + 1 + when.length, 0);
}

/**
 * Intervals of one half. Several long ones are the mark of a test of high bits (one bit cuts the word into a power of
 * two of them); they are written as those bits where that is shorter.
 */
function cellsOfHalf(diagrams: Diagrams, argument: number, upper: boolean, node: RangesNode): readonly Cell[] {
  const cells = upper ? cellsOfUpper(diagrams, node) : cellsOfIntervals({ argument, width: 32 }, intervalsOf(node));
  const long = cells.filter(({ when }) => when.some(({ operator }) => operator !== "eq"));
  if (long.length < 2) {
    return cells;
  }
  const root = bitsOfRanges(diagrams.bits, node.starts, node.targets);
  const masks = cellsOfBits(diagrams, argument, upper, root);
  return length(masks) < length(cells) ? masks : cells;
}

/** Intervals of an upper half alone; last comes the one with the most to say about the lower half. */
function cellsOfUpper(diagrams: Diagrams, node: RangesNode): readonly Cell[] {
  const wide = intervalsOf(node).map(({ from, to, node: below }) => ({
    from: from << 32n,
    to: (to << 32n) | LAST,
    node: below,
  }));
  const deep = new Set(node.targets.filter((target) => topWord(diagrams, target) === node.word + 1));
  const [only] = deep;
  const place: Place = { argument: (node.word - argumentWord(0)) >> 1, width: 64 };
  return cellsOfIntervals(place, wide, deep.size === 1 ? only : undefined);
}

function cellsOfWord(diagrams: Diagrams, node: Exclude<Node, { kind: "leaf" }>): readonly Cell[] {
  const upper = node.word % 2 === 0;
  const argument = (node.word - argumentWord(0)) >> 1;
  if (node.kind === "bits") {
    return cellsOfBits(diagrams, argument, upper, node.root);
  }
  const testsLower = upper && node.targets.some((target) => topWord(diagrams, target) === node.word + 1);
  const wide = testsLower ? wideIntervals(diagrams, node) : undefined;
  return wide === undefined
    ? cellsOfHalf(diagrams, argument, upper, node)
    : cellsOfIntervals({ argument, width: 64 }, wide);
}

/** Everything that a function decides by the argument that it tests first, both halves. */
function cellsOfArgument(diagrams: Diagrams, id: NodeId): readonly Cell[] {
  const node = diagrams.nodes[id];
  if (node === undefined || node.kind === "leaf") {
    return [{ when: [], node: id }];
  }
  const cells = expanded(diagrams, node.word, cellsOfWord(diagrams, node));
  if (node.word % 2 === 1 || node.kind === "bits" || cells.length < FEW) {
    return cells;
  }
  // An interval reads best as 64 bits; masks of the lower half need the halves apart.
  const apart = expanded(diagrams, node.word, cellsOfUpper(diagrams, node));
  return length(apart) < length(cells) ? apart : cells;
}

/** The cells of an upper half, each expanded by those of the lower half under it. */
function expanded(diagrams: Diagrams, word: number, cells: readonly Cell[]): readonly Cell[] {
  if (word % 2 === 1) {
    return cells;
  }
  return cells.flatMap((cell) =>
    topWord(diagrams, cell.node) === word + 1
      ? cellsOfArgument(diagrams, cell.node).map(({ when, node }) => ({ when: [...cell.when, ...when], node }))
      : [cell],
  );
}

/** The function that follows for one value of an argument. */
function valueAt(cells: readonly Cell[], value: bigint): NodeId {
  const holds = ({ operator, value: wanted, mask = -1n, width }: Condition): boolean => {
    const word = BigInt.asUintN(width, value);
    if (operator === "eq") {
      return word === wanted;
    }
    if (operator === "ge") {
      return word >= wanted;
    }
    return operator === "le" ? word <= wanted : (word & mask) === wanted;
  };
  return cells.find(({ when }) => when.every(holds))?.node ?? NO;
}

/** The cells of the argument tested first with one value split off, which the rest then treats like its neighbours. */
function cellsWithout(
  diagrams: Diagrams,
  id: NodeId,
  half: number,
  plain: readonly Cell[],
): readonly (readonly Cell[])[] {
  const word = topWord(diagrams, id);
  const upper = word % 2 === 0;
  const low = equals(diagrams, upper ? word + 1 : word, half);
  const here = upper ? both(diagrams, equals(diagrams, word, half), low) : low;
  const value = upper ? (BigInt(half) << 32n) | BigInt(half) : BigInt(half);
  const place: Place = { argument: (word - argumentWord(0)) >> 1, width: upper ? 64 : 32 };
  const own = { when: conditionsOf(place, { from: value, to: value }), node: valueAt(plain, value) };
  const others = new Set(plain.map(({ node }) => node).filter((node) => node !== own.node));
  return [...others].map((other) => [own, ...cellsOfArgument(diagrams, branchNode(diagrams, here, other, id))]);
}

/**
 * The fewest cells found for an argument, with a value at the end of its range split off where that helps: neither
 * intervals nor masks alone can express a test for 0 beside tests of bits concisely.
 */
function shortestCells(diagrams: Diagrams, id: NodeId): readonly Cell[] {
  const plain = cellsOfArgument(diagrams, id);
  // Opaque conditions have no values to split off.
  if (plain.length < FEW || plain.length > MANY || diagrams.atoms !== undefined) {
    return plain;
  }
  const all = [0, 0xffffffff].flatMap((half) => cellsWithout(diagrams, id, half, plain));
  return all.reduce((best, each) => (length(each) < length(best) ? each : best), plain);
}

/** An opaque condition: the cells of its own diagram, with its two successors in place of the leaves. */
function cellsOfAtom(diagrams: Diagrams, condition: NodeId, node: RangesNode): readonly Cell[] {
  const [no = NO, yes = NO] = node.targets;
  const inner = diagrams.nodes[condition];
  if (inner === undefined || inner.kind === "leaf") {
    return [{ when: [], node: condition === YES ? yes : no }];
  }
  return cellsOfWord(diagrams, inner).map((cell) => ({ when: cell.when, node: cell.node === YES ? yes : no }));
}

/**
 * The cells of the first argument that a function tests; one unconditional cell if it tests none. Undefined if it tests
 * the instruction pointer, or number and architecture.
 */
function cellsOf(diagrams: Diagrams, id: NodeId): readonly Cell[] | undefined {
  const node = diagrams.nodes[id];
  if (node === undefined) {
    return undefined;
  }
  if (node.kind === "leaf") {
    return [{ when: [], node: id }];
  }
  const condition = conditionAt(diagrams, node.word);
  if (condition !== undefined && node.kind === "ranges") {
    return cellsOfAtom(diagrams, condition, node);
  }
  if (node.word < argumentWord(0) || (node.word >= POINTER_WORD && node.word < WORDS)) {
    return undefined;
  }
  return shortestCells(diagrams, id);
}

/** Two mask tests of one argument joined into one; undefined if they are something else or contradict each other. */
function joinedMask(a: Condition, b: Condition): Condition | undefined {
  if (a.operator !== "masked-eq" || b.operator !== "masked-eq" || a.argument !== b.argument) {
    return undefined;
  }
  const [left, right] = [a.mask ?? 0n, b.mask ?? 0n];
  if (((a.value ^ b.value) & left & right) !== 0n) {
    return undefined;
  }
  return { ...a, width: a.width === 64 ? 64 : b.width, mask: left | right, value: a.value | b.value };
}

/** Conditions with one more added, joined to another where possible. */
function withJoined(conditions: readonly Condition[], added: Condition): readonly Condition[] {
  for (const [place, each] of conditions.entries()) {
    const joint = joinedMask(each, added);
    if (joint !== undefined) {
      return conditions.with(place, joint);
    }
  }
  return [...conditions, added];
}

/** Conditions in order and the leaf that follows. */
export interface Branch {
  readonly when: readonly Condition[];
  readonly leaf: NodeId;
}

/** With more conditions than this on the way to one leaf nobody could read the rule and no program could hold it. */
const MOST_CONDITIONS = 256;

/**
 * A function of arguments as rules: the first match wins, the last is unconditional. Undefined if it tests anything but
 * arguments or needs more than `most` rules.
 */
export function branchesOf(diagrams: Diagrams, id: NodeId, most = 4096): readonly Branch[] | undefined {
  const found: Branch[] = [];
  const visit = (node: NodeId, when: readonly Condition[]): boolean => {
    if (found.length > most || when.length > MOST_CONDITIONS) {
      return false;
    }
    if (diagrams.nodes[node]?.kind === "leaf") {
      found.push({ when, leaf: node });
      return true;
    }
    return cellsOf(diagrams, node)?.every((cell) => visit(cell.node, cell.when.reduce(withJoined, when))) === true;
  };
  return visit(id, []) ? withoutRepeats(found) : undefined;
}

/** Drops rules at the end that only repeat the last one's outcome. */
function withoutRepeats(branches: readonly Branch[]): readonly Branch[] {
  const last = branches.at(-1);
  const kept = branches.findLastIndex(({ leaf }) => leaf !== last?.leaf);
  return last === undefined ? branches : [...branches.slice(0, kept + 1), last];
}
