/**
 * The search for an input that leads a function to a certain leaf, preferably one that people recognise: a real call,
 * zeros.
 */
import type { SeccompData } from "../../bpf/data.ts";
import { ABIS, tableOf } from "../../kernel/syscalls/syscall.ts";
import { conditionAt } from "./atom.ts";
import { type BitId, bitOf, highOf, isTerminal, lowOf, nodeOfTerminal } from "./bits.ts";
import { branchNode } from "./combine.ts";
import { type Diagrams, type Leaf, NO, type Node, type NodeId, topWord, YES } from "./diagram.ts";
import { reaching, terminalsOf } from "./reach.ts";
import { ARCH_WORD, argumentWord, NUMBER_WORD, POINTER_WORD, WORDS } from "./words.ts";

/** An input: every word that matters; the others are 0. */
export interface Found {
  readonly words: ReadonlyMap<number, number>;
  readonly leaf: Leaf;
}

type RangesNode = Extract<Node, { kind: "ranges" }>;

interface Search {
  readonly diagrams: Diagrams;
  /** Whether a wanted leaf can be reached from a node, contradictions aside. */
  readonly reaches: (id: NodeId) => boolean;
  /** Nodes that were tried in vain under the same constraints. */
  readonly vain: Set<string>;
  steps: number;
}

/** What is known of words on the way: values that were chosen, and conditions that must hold. */
interface Way {
  readonly words: ReadonlyMap<number, number>;
  readonly constraints: ReadonlyMap<number, NodeId>;
}

/** The most steps that a search among contradicting conditions may take. */
const MOST_STEPS = 20_000;

/** Values that tell a person more than the first of an interval. */
function preferred(word: number, way: Way): readonly number[] {
  if (word === ARCH_WORD) {
    return ABIS.map((abi) => tableOf(abi).audit);
  }
  if (word !== NUMBER_WORD) {
    return [0];
  }
  const arch = way.words.get(ARCH_WORD) ?? tableOf("x86_64").audit;
  const abis = ABIS.filter((abi) => tableOf(abi).audit === arch);
  return abis.flatMap((abi) => Object.values(tableOf(abi).numbers));
}

/** One value for each interval of a node from which a wanted leaf may be reached, the most telling first. */
function choices(search: Search, node: RangesNode, way: Way): readonly (readonly [number, NodeId])[] {
  const intervalOf = (value: number): number => node.starts.findLastIndex((start) => start <= value);
  const values = new Map<number, number>();
  for (const value of [...preferred(node.word, way), ...node.starts]) {
    const place = intervalOf(value);
    if (!values.has(place) && search.reaches(node.targets[place] ?? NO)) {
      values.set(place, value);
    }
  }
  return [...values].map(([place, value]) => [value, node.targets[place] ?? NO]);
}

/** The value to choose at a bits node: zeros where possible. */
function chosenBits(search: Search, root: BitId): readonly [number, NodeId] {
  const { diagrams } = search;
  const good = (id: BitId): boolean => terminalsOf(diagrams, id).some((node) => search.reaches(node));
  let [value, at] = [0, root];
  while (!isTerminal(at)) {
    const low = lowOf(diagrams.bits, at);
    if (good(low)) {
      at = low;
    } else {
      value += 2 ** bitOf(diagrams.bits, at);
      at = highOf(diagrams.bits, at);
    }
  }
  return [value, nodeOfTerminal(at)];
}

/** The way on if a condition over a word holds, or does not; undefined if that contradicts what is known of the word. */
function constrained(diagrams: Diagrams, way: Way, condition: NodeId, holds: boolean): Way | undefined {
  const word = topWord(diagrams, condition);
  const before = way.constraints.get(word) ?? YES;
  const after = holds ? branchNode(diagrams, condition, before, NO) : branchNode(diagrams, condition, NO, before);
  return after === NO ? undefined : { ...way, constraints: new Map([...way.constraints, [word, after]]) };
}

function follow(search: Search, id: NodeId, way: Way): { readonly way: Way; readonly leaf: Leaf } | undefined {
  if (!search.reaches(id)) {
    return undefined;
  }
  const node = search.diagrams.nodes[id];
  if (node === undefined) {
    return undefined;
  }
  if (node.kind === "leaf") {
    return { way, leaf: node.leaf };
  }
  if (node.kind === "bits") {
    const [value, next] = chosenBits(search, node.root);
    return follow(search, next, { ...way, words: new Map([...way.words, [node.word, value]]) });
  }
  const condition = conditionAt(search.diagrams, node.word);
  if (condition !== undefined) {
    return followCondition(search, id, node, condition, way);
  }
  for (const [value, next] of choices(search, node, way)) {
    const found = follow(search, next, { ...way, words: new Map([...way.words, [node.word, value]]) });
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function followCondition(
  search: Search,
  id: NodeId,
  node: RangesNode,
  condition: NodeId,
  way: Way,
): ReturnType<typeof follow> {
  const key = `${id}:${[...way.constraints].flat().join()}`;
  search.steps += 1;
  if (search.vain.has(key) || search.steps > MOST_STEPS) {
    return undefined;
  }
  for (const holds of [false, true]) {
    const next = constrained(search.diagrams, way, condition, holds);
    const found = next === undefined ? undefined : follow(search, node.targets[holds ? 1 : 0] ?? NO, next);
    if (found !== undefined) {
      return found;
    }
  }
  search.vain.add(key);
  return undefined;
}

/** A value for each constrained word. */
function valuesOf(diagrams: Diagrams, { words, constraints }: Way): Map<number, number> {
  const values = new Map(words);
  for (const [word, constraint] of constraints) {
    const search: Search = { diagrams, reaches: reaching(diagrams, isYes), vain: new Set(), steps: 0 };
    const node = diagrams.nodes[constraint];
    const way: Way = { words: new Map(), constraints: new Map() };
    if (node?.kind === "ranges") {
      values.set(word, choices(search, node, way)[0]?.[0] ?? 0);
    }
    if (node?.kind === "bits") {
      values.set(word, chosenBits(search, node.root)[0]);
    }
  }
  return values;
}

/** Whether a leaf says yes: that a condition holds, or two functions differ. */
export function isYes(leaf: Leaf): boolean {
  return leaf.kind === "flag" && leaf.value;
}

/**
 * An input that leads to a wanted leaf; undefined if none does, "gave-up" if too many contradicting conditions leave it
 * undecided.
 */
export function findInput(
  diagrams: Diagrams,
  root: NodeId,
  wanted: (leaf: Leaf) => boolean,
): Found | undefined | "gave-up" {
  const search: Search = { diagrams, reaches: reaching(diagrams, wanted), vain: new Set(), steps: 0 };
  const found = follow(search, root, { words: new Map(), constraints: new Map() });
  if (found === undefined) {
    return search.steps > MOST_STEPS || diagrams.budget < 0 ? "gave-up" : undefined;
  }
  const words = valuesOf(diagrams, found.way);
  if (!words.has(ARCH_WORD)) {
    words.set(ARCH_WORD, tableOf("x86_64").audit);
  }
  return { words, leaf: found.leaf };
}

/** An input as a filter gets it. */
export function dataOf(words: ReadonlyMap<number, number>): SeccompData {
  const wide = (word: number): bigint => (BigInt(words.get(word) ?? 0) << 32n) | BigInt(words.get(word + 1) ?? 0);
  const args = Array.from({ length: (WORDS - 4) / 2 }, (_, argument) => wide(argumentWord(argument)));
  const data = { arch: words.get(ARCH_WORD) ?? 0, nr: words.get(NUMBER_WORD) ?? 0, args };
  const pointer = wide(POINTER_WORD);
  return pointer === 0n ? data : { ...data, instructionPointer: pointer };
}
