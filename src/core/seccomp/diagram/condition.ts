/** Conditions on one 32-bit word, and on the two halves of a 64-bit one, as functions that end in yes or no. All unsigned. */
import { atomOf } from "./atom.ts";
import { type BitId, bitNode, terminal } from "./bits.ts";
import { branchNode } from "./combine.ts";
import { bitsNode, type Diagrams, NO, type NodeId, rangesNode, YES } from "./diagram.ts";
import { argumentWord, lowerHalf, upperHalf } from "./words.ts";

const END = 2 ** 32;

/** Values of one word, both ends included, and where they lead. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly target: NodeId;
}

/** The function of a word that leads somewhere in each of some stretches, in order, and to NO elsewhere. */
export function stretchesNode(diagrams: Diagrams, word: number, stretches: readonly Stretch[]): NodeId {
  const [starts, targets] = [[0], [NO]];
  for (const { from, to, target } of stretches) {
    if (starts.at(-1) === from) {
      targets[targets.length - 1] = target;
    } else {
      starts.push(from);
      targets.push(target);
    }
    if (to + 1 < END) {
      starts.push(to + 1);
      targets.push(NO);
    }
  }
  return rangesNode(diagrams, word, starts, targets);
}

/** The word lies in `from`…`to`, both included: over the word itself. */
export function interval(diagrams: Diagrams, word: number, from: number, to: number): NodeId {
  return stretchesNode(diagrams, word, [{ from, to, target: YES }]);
}

/** The word lies in `from`…`to`, both included. */
export function between(diagrams: Diagrams, word: number, from: number, to: number): NodeId {
  return atomOf(diagrams, interval(diagrams, word, from, to));
}

/** The word equals a value. */
export function equals(diagrams: Diagrams, word: number, value: number): NodeId {
  return between(diagrams, word, value, value);
}

/** The word is greater than a value. */
export function above(diagrams: Diagrams, word: number, value: number): NodeId {
  return value === END - 1 ? NO : between(diagrams, word, value + 1, END - 1);
}

/** `(word & mask) == value`; never where `value` has bits outside of `mask`. */
export function masked(diagrams: Diagrams, word: number, mask: number, value: number): NodeId {
  if ((value & ~mask) !== 0) {
    return NO;
  }
  let root: BitId = terminal(YES);
  for (let bit = 0; bit < 32; bit += 1) {
    if (((mask >>> bit) & 1) === 0) {
      continue;
    }
    const set = ((value >>> bit) & 1) === 1;
    root = bitNode(diagrams.bits, bit, set ? terminal(NO) : root, set ? root : terminal(NO));
  }
  return atomOf(diagrams, bitsNode(diagrams, word, root));
}

/** The condition that holds where another does not. */
export function not(diagrams: Diagrams, condition: NodeId): NodeId {
  return branchNode(diagrams, condition, NO, YES);
}

/** Where both hold. */
export function both(diagrams: Diagrams, a: NodeId, b: NodeId): NodeId {
  return branchNode(diagrams, a, b, NO);
}

/** An argument of 64 bits is greater than a value. */
export function wideAbove(diagrams: Diagrams, argument: number, value: bigint): NodeId {
  const word = argumentWord(argument);
  const upper = above(diagrams, word, upperHalf(value));
  const same = equals(diagrams, word, upperHalf(value));
  // In the order in which compilers test the halves, so that opaque conditions coincide.
  return branchNode(diagrams, upper, YES, both(diagrams, same, above(diagrams, word + 1, lowerHalf(value))));
}

/** `(argument & mask) == value` on 64 bits. */
export function wideMasked(diagrams: Diagrams, argument: number, mask: bigint, value: bigint): NodeId {
  const word = argumentWord(argument);
  const upper = masked(diagrams, word, upperHalf(mask), upperHalf(value));
  return both(diagrams, upper, masked(diagrams, word + 1, lowerHalf(mask), lowerHalf(value)));
}
