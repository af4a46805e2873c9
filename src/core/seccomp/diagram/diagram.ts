/**
 * Functions of what a filter reads, as reduced, ordered, hash-consed decision diagrams over its 32-bit words: within one
 * store two functions are the same exactly when their node ids are. A node decides one word: by its maximal intervals
 * where these are few, otherwise (masks) by its bits; which of the two depends on the function alone, so the form stays
 * canonical.
 */
import {
  type BitId,
  type BitStore,
  bitsOfRanges,
  createBits,
  intervalsOver,
  isTerminal,
  nodeOfTerminal,
  rangesOfBits,
} from "./bits.ts";
import { LEAF, NUMBER_WORD, WORDS } from "./words.ts";

/** A function: an index into the store's nodes. */
export type NodeId = number;

/** What a function ends in. */
export type Leaf =
  /** What the filter returns, unsigned 32 bits. */
  | { readonly kind: "return"; readonly value: number }
  /** Could not be followed: at this instruction, for this reason. */
  | { readonly kind: "unknown"; readonly at: number; readonly reason: string }
  /** Yes or no: the leaves of conditions. */
  | { readonly kind: "flag"; readonly value: boolean }
  /** The answers of two filters side by side. */
  | { readonly kind: "pair"; readonly a: NodeId; readonly b: NodeId };

/** One node. `starts` ascend from 0; interval i reaches to before start i + 1, the last one to 0xffffffff. */
export type Node =
  | { readonly kind: "leaf"; readonly leaf: Leaf }
  | {
      readonly kind: "ranges";
      readonly word: number;
      readonly starts: readonly number[];
      readonly targets: readonly NodeId[];
    }
  | { readonly kind: "bits"; readonly word: number; readonly root: BitId };

/**
 * Conditions on single words that appear in a function as variables, at place WORDS + index, where a diagram over the
 * words themselves would be too large. A condition is identified by its diagram over the word.
 */
export interface Atoms {
  readonly conditions: NodeId[];
  readonly index: Map<NodeId, number>;
}

/** A store of functions. Only functions of this folder may change it. */
export interface Diagrams {
  readonly nodes: Node[];
  /** The word that each node decides; LEAF for a leaf. */
  readonly words: number[];
  readonly bits: BitStore;
  readonly leaves: Map<string, NodeId>;
  /** Nodes of intervals by their hash. */
  readonly buckets: Map<number, NodeId[]>;
  /** The node of each function of bits over a word. */
  readonly ofBits: Map<number, NodeId>;
  readonly branches: Map<NodeId, Map<number, NodeId>>;
  /** Conditions on arguments that are kept opaque (`atom.ts`); undefined if they are expanded into words. */
  readonly atoms: Atoms | undefined;
  /** How much work the store may still do; once it is used up every new node is `unknown`. */
  budget: number;
}

/** The two conditions without a test; the first nodes of every store. */
export const NO: NodeId = 0;
/** See NO. */
export const YES: NodeId = 1;
/** Stands for every function that was given up as too large. */
export const TOO_LARGE: NodeId = 2;

/** Ten times what distributions' profiles and units need, and less than a second of work. */
const BUDGET = 400_000;

/**
 * An empty store. `budget`: how many steps it may take before it gives up; `atoms`: keeps conditions on arguments
 * opaque.
 */
export function createDiagrams(budget: number = BUDGET, atoms = false): Diagrams {
  const diagrams: Diagrams = {
    nodes: [],
    words: [],
    bits: createBits(),
    leaves: new Map(),
    buckets: new Map(),
    ofBits: new Map(),
    branches: new Map(),
    atoms: atoms ? { conditions: [], index: new Map() } : undefined,
    budget,
  };
  leafNode(diagrams, { kind: "flag", value: false });
  leafNode(diagrams, { kind: "flag", value: true });
  leafNode(diagrams, { kind: "unknown", at: -1, reason: "the conditions are too entangled to be compared" });
  return diagrams;
}

function add(diagrams: Diagrams, node: Node, word: number): NodeId {
  diagrams.nodes.push(node);
  diagrams.words.push(word);
  return diagrams.nodes.length - 1;
}

/** The function that always ends in `leaf`. */
export function leafNode(diagrams: Diagrams, leaf: Leaf): NodeId {
  const key = JSON.stringify(leaf);
  const known = diagrams.leaves.get(key);
  if (known !== undefined) {
    return known;
  }
  const id = add(diagrams, { kind: "leaf", leaf }, LEAF);
  diagrams.leaves.set(key, id);
  return id;
}

/** The function that always returns `value`. */
export function returnNode(diagrams: Diagrams, value: number): NodeId {
  return leafNode(diagrams, { kind: "return", value });
}

/** A node's leaf; undefined if it is not a leaf. */
export function leafOf(diagrams: Diagrams, id: NodeId): Leaf | undefined {
  const node = diagrams.nodes[id];
  return node?.kind === "leaf" ? node.leaf : undefined;
}

/** The word that a function depends on first; LEAF for a leaf. */
export function topWord(diagrams: Diagrams, id: NodeId): number {
  return diagrams.words[id] ?? LEAF;
}

/** The most intervals that a node of a word may have before it is held as bits. */
function mostIntervals(word: number): number {
  return word === NUMBER_WORD ? 8192 : 256;
}

function hash(word: number, starts: readonly number[], targets: readonly number[]): number {
  let value = word + 1;
  for (const start of starts) {
    value = Math.imul(value ^ start, 0x01000193) ^ (value >>> 15);
  }
  for (const target of targets) {
    value = Math.imul(value ^ target, 0x01000193) ^ (value >>> 15);
  }
  return value;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let place = 0; place < a.length; place += 1) {
    if (a[place] !== b[place]) {
      return false;
    }
  }
  return true;
}

function isThis(node: Node | undefined, word: number, starts: readonly number[], targets: readonly number[]): boolean {
  return node?.kind === "ranges" && node.word === word && same(node.starts, starts) && same(node.targets, targets);
}

/** The function that leads to `targets[i]` in the interval that begins at `starts[i]`; targets test later words only. */
export function rangesNode(
  diagrams: Diagrams,
  word: number,
  starts: readonly number[],
  targets: readonly NodeId[],
): NodeId {
  const kept = starts.map((_, index) => index).filter((index) => targets[index] !== targets[index - 1]);
  const [own, to] = [kept.map((index) => starts[index] ?? 0), kept.map((index) => targets[index] ?? NO)];
  return distinctRanges(diagrams, word, own, to);
}

/** As `rangesNode`, for neighbours that differ. */
export function distinctRanges(
  diagrams: Diagrams,
  word: number,
  own: readonly number[],
  to: readonly NodeId[],
): NodeId {
  if (to.length === 1) {
    return to[0] ?? NO;
  }
  if (to.length > mostIntervals(word)) {
    return bitsNode(diagrams, word, bitsOfRanges(diagrams.bits, own, to));
  }
  return intern(diagrams, word, own, to);
}

function intern(diagrams: Diagrams, word: number, starts: readonly number[], targets: readonly NodeId[]): NodeId {
  const key = hash(word, starts, targets);
  const bucket = diagrams.buckets.get(key);
  const known = bucket?.find((id) => isThis(diagrams.nodes[id], word, starts, targets));
  if (known !== undefined) {
    return known;
  }
  if (spent(diagrams, 1 + starts.length / PER_STEP)) {
    return TOO_LARGE;
  }
  const id = add(diagrams, { kind: "ranges", word, starts, targets }, word);
  if (bucket === undefined) {
    diagrams.buckets.set(key, [id]);
  } else {
    bucket.push(id);
  }
  return id;
}

/** The function of a word given by its bits: which of the two forms is canonical is decided here. */
export function bitsNode(diagrams: Diagrams, word: number, root: BitId): NodeId {
  if (isTerminal(root)) {
    return nodeOfTerminal(root);
  }
  const key = root * WORDS + word;
  const known = diagrams.ofBits.get(key);
  if (known !== undefined) {
    return known;
  }
  const id = newOfBits(diagrams, word, root);
  diagrams.ofBits.set(key, id);
  return id;
}

function newOfBits(diagrams: Diagrams, word: number, root: BitId): NodeId {
  if (intervalsOver(diagrams.bits, root, 32) > mostIntervals(word)) {
    return add(diagrams, { kind: "bits", word, root }, word);
  }
  // Listing the intervals is the greater part of the work.
  if (diagrams.budget < 0) {
    return TOO_LARGE;
  }
  const { starts, targets } = rangesOfBits(diagrams.bits, root);
  return intern(diagrams, word, starts, targets);
}

/** How many intervals can be copied in the time of one step. */
export const PER_STEP = 8;

/** Takes steps from the budget; true when it is used up. */
export function spent(diagrams: Diagrams, steps: number): boolean {
  diagrams.budget -= steps;
  return diagrams.budget < 0;
}
