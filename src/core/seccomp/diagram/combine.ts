/**
 * Pointwise operations on functions: several are traversed side by side, word by word, with results memoised by node.
 * Method: Bryant 1986.
 */
import {
  type BitId,
  bitNode,
  bitOf,
  bitsOfRanges,
  highOf,
  isTerminal,
  lowOf,
  nodeOfTerminal,
  terminal,
} from "./bits.ts";
import {
  bitsNode,
  type Diagrams,
  distinctRanges,
  type Leaf,
  leafOf,
  NO,
  type NodeId,
  PER_STEP,
  spent,
  TOO_LARGE,
  topWord,
  YES,
} from "./diagram.ts";
import { LEAF } from "./words.ts";

/**
 * An operation's result for three functions where it is known without expanding any; undefined if it depends on the
 * words that they test. It must decide whenever all three are leaves.
 */
export type Decide = (a: NodeId, b: NodeId, c: NodeId) => NodeId | undefined;

type Memo = Map<NodeId, Map<number, NodeId>>;

const PAIR = 2 ** 26;

function memoOf(memo: Memo, a: number): Map<number, number> {
  const known = memo.get(a);
  if (known !== undefined) {
    return known;
  }
  const fresh = new Map<number, number>();
  memo.set(a, fresh);
  return fresh;
}

/** Like `Decide`, for functions of the bits of one word, so that whole subtrees can be skipped. */
type DecideBits = (a: BitId, b: BitId, c: BitId) => BitId | undefined;

/** Applies an operation to three functions pointwise. `memo` may be reused for the same operation on the same store. */
export function combine(
  diagrams: Diagrams,
  decide: Decide,
  [a, b, c]: readonly [NodeId, NodeId, NodeId],
  memo: Memo = new Map(),
  decideBits: DecideBits = () => undefined,
): NodeId {
  const apply = (x: NodeId, y: NodeId, z: NodeId): NodeId => {
    const decided = decide(x, y, z);
    if (decided !== undefined) {
      return decided;
    }
    const known = memo.get(x)?.get(y * PAIR + z);
    if (known !== undefined) {
      return known;
    }
    if (spent(diagrams, 1)) {
      return TOO_LARGE;
    }
    const result = pointwise(diagrams, { apply, decideBits }, x, y, z);
    memoOf(memo, x).set(y * PAIR + z, result);
    return result;
  };
  return apply(a, b, c);
}

type Apply = (a: NodeId, b: NodeId, c: NodeId) => NodeId;

/** What is done at each point. */
interface Operation {
  readonly apply: Apply;
  readonly decideBits: DecideBits;
}

function pointwise(diagrams: Diagrams, operation: Operation, a: NodeId, b: NodeId, c: NodeId): NodeId {
  const [first, second, third] = [topWord(diagrams, a), topWord(diagrams, b), topWord(diagrams, c)];
  const word = Math.min(first, second, third);
  const masked = (id: NodeId, top: number): boolean => top === word && diagrams.nodes[id]?.kind === "bits";
  if (masked(a, first) || masked(b, second) || masked(c, third)) {
    return byBits(diagrams, operation, [a, b, c], word);
  }
  return byRanges(
    diagrams,
    operation.apply,
    [sweepOf(diagrams, a, word), sweepOf(diagrams, b, word), sweepOf(diagrams, c, word)],
    word,
  );
}

/** One operand whose intervals are swept. */
interface Sweep {
  readonly starts: readonly number[];
  readonly targets: readonly NodeId[];
}

const ONE_INTERVAL: readonly number[] = [0];

function sweepOf(diagrams: Diagrams, id: NodeId, word: number): Sweep {
  const node = diagrams.nodes[id];
  return node?.kind === "ranges" && node.word === word ? node : { starts: ONE_INTERVAL, targets: [id] };
}

const END = 2 ** 32;

function byRanges(diagrams: Diagrams, apply: Apply, [a, b, c]: readonly [Sweep, Sweep, Sweep], word: number): NodeId {
  const starts: number[] = [];
  const targets: NodeId[] = [];
  let [atA, atB, atC, last] = [0, 0, 0, -1];
  for (let start = 0; start < END; ) {
    const target = apply(a.targets[atA] ?? NO, b.targets[atB] ?? NO, c.targets[atC] ?? NO);
    if (target !== last) {
      starts.push(start);
      targets.push(target);
      last = target;
    }
    const [nextA, nextB, nextC] = [a.starts[atA + 1] ?? END, b.starts[atB + 1] ?? END, c.starts[atC + 1] ?? END];
    start = Math.min(nextA, nextB, nextC);
    if (nextA === start) {
      atA += 1;
    }
    if (nextB === start) {
      atB += 1;
    }
    if (nextC === start) {
      atC += 1;
    }
  }
  spent(diagrams, (atA + atB + atC) / PER_STEP);
  return distinctRanges(diagrams, word, starts, targets);
}

function bitsOf(diagrams: Diagrams, id: NodeId, word: number): BitId {
  const node = diagrams.nodes[id];
  if (node === undefined || node.kind === "leaf" || node.word !== word) {
    return terminal(id);
  }
  if (node.kind === "bits") {
    return node.root;
  }
  spent(diagrams, node.starts.length);
  return bitsOfRanges(diagrams.bits, node.starts, node.targets);
}

function byBits(
  diagrams: Diagrams,
  { apply, decideBits }: Operation,
  operands: readonly [NodeId, NodeId, NodeId],
  word: number,
): NodeId {
  const { bits } = diagrams;
  const memo: Memo = new Map();
  const visit = (a: BitId, b: BitId, c: BitId): BitId => {
    if (isTerminal(a) && isTerminal(b) && isTerminal(c)) {
      return terminal(apply(nodeOfTerminal(a), nodeOfTerminal(b), nodeOfTerminal(c)));
    }
    const known = decideBits(a, b, c) ?? memo.get(a)?.get(b * PAIR + c);
    if (known !== undefined) {
      return known;
    }
    if (spent(diagrams, 1)) {
      return terminal(TOO_LARGE);
    }
    const bit = Math.max(bitOf(bits, a), bitOf(bits, b), bitOf(bits, c));
    const half = (id: BitId, high: boolean): BitId => {
      if (bitOf(bits, id) !== bit) {
        return id;
      }
      return high ? highOf(bits, id) : lowOf(bits, id);
    };
    const low = visit(half(a, false), half(b, false), half(c, false));
    const high = visit(half(a, true), half(b, true), half(c, true));
    const result = bitNode(bits, bit, low, high);
    memoOf(memo, a).set(b * PAIR + c, result);
    return result;
  };
  const [a, b, c] = operands.map((id) => bitsOf(diagrams, id, word)) as [BitId, BitId, BitId];
  return bitsNode(diagrams, word, visit(a, b, c));
}

/** The result of choosing between two functions on an `unknown` condition: what both are, otherwise unknown. */
function undecided(diagrams: Diagrams, condition: NodeId, yes: NodeId, no: NodeId): NodeId | undefined {
  if (leafOf(diagrams, condition)?.kind !== "unknown") {
    return undefined;
  }
  return topWord(diagrams, yes) === LEAF && topWord(diagrams, no) === LEAF ? condition : undefined;
}

/**
 * The function that is `yes` where a condition holds and `no` elsewhere; unknown where the condition is and they
 * differ.
 */
export function branchNode(diagrams: Diagrams, condition: NodeId, yes: NodeId, no: NodeId): NodeId {
  const decide: Decide = (x, y, z) => {
    if (x === YES || y === z) {
      return y;
    }
    return x === NO ? z : undecided(diagrams, x, y, z);
  };
  const decideBits: DecideBits = (x, y, z) => {
    if (x === terminal(YES) || y === z) {
      return y;
    }
    return x === terminal(NO) ? z : undefined;
  };
  return combine(diagrams, decide, [condition, yes, no], diagrams.branches, decideBits);
}

/** Applies an operation on leaves to two functions. It gets the leaves in the order given and may return any node. */
export function combineLeaves(
  diagrams: Diagrams,
  a: NodeId,
  b: NodeId,
  operation: (a: Leaf, b: Leaf) => NodeId,
): NodeId {
  const decide: Decide = (x, y) => {
    const [left, right] = [leafOf(diagrams, x), leafOf(diagrams, y)];
    return left !== undefined && right !== undefined ? operation(left, right) : undefined;
  };
  return combine(diagrams, decide, [a, b, NO]);
}
