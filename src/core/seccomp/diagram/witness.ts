/** Looking for an input that leads a function to a certain leaf, and that a person will recognise: a real call, zeros. */
import type { SeccompData } from "../../bpf/data.ts";
import { ABIS, tableOf } from "../../kernel/syscalls/syscall.ts";
import { type BitId, bitOf, highOf, isTerminal, lowOf, nodeOfTerminal } from "./bits.ts";
import { type Diagrams, type Leaf, leafOf, type Node, type NodeId } from "./diagram.ts";
import { ARCH_WORD, argumentWord, NUMBER_WORD, POINTER_WORD, WORDS } from "./words.ts";

/** An input: every word that matters; the others are 0. */
export interface Found {
  readonly words: ReadonlyMap<number, number>;
  readonly leaf: Leaf;
}

interface Search {
  readonly diagrams: Diagrams;
  readonly wanted: (leaf: Leaf) => boolean;
  /** Of each node visited, whether a wanted leaf can be reached. */
  readonly reaches: Map<NodeId, boolean>;
  readonly words: Map<number, number>;
}

function childrenOf(diagrams: Diagrams, node: Node): readonly NodeId[] {
  if (node.kind === "ranges") return node.targets;
  return node.kind === "bits" ? terminalsOf(diagrams, node.root) : [];
}

/** The nodes that the bits of a word lead to. */
export function terminalsOf({ bits }: Diagrams, root: BitId): readonly NodeId[] {
  const seen = new Set<BitId>([root]);
  for (const id of seen) if (!isTerminal(id)) seen.add(lowOf(bits, id)).add(highOf(bits, id));
  return [...seen].filter(isTerminal).map(nodeOfTerminal);
}

function reaches(search: Search, id: NodeId): boolean {
  const known = search.reaches.get(id);
  if (known !== undefined) return known;
  const node = search.diagrams.nodes[id];
  const found =
    node !== undefined &&
    (node.kind === "leaf"
      ? search.wanted(node.leaf)
      : childrenOf(search.diagrams, node).some((child) => reaches(search, child)));
  search.reaches.set(id, found);
  return found;
}

/** Whether some input leads to a wanted leaf. */
export function canReach(diagrams: Diagrams, root: NodeId, wanted: (leaf: Leaf) => boolean): boolean {
  return reaches({ diagrams, wanted, reaches: new Map(), words: new Map() }, root);
}

/** Values that say more to a person than the first of an interval. */
function preferred(search: Search, word: number): readonly number[] {
  if (word === ARCH_WORD) return ABIS.map((abi) => tableOf(abi).audit);
  if (word !== NUMBER_WORD) return [0];
  const arch = search.words.get(ARCH_WORD) ?? tableOf("x86_64").audit;
  const abis = ABIS.filter((abi) => tableOf(abi).audit === arch);
  return abis.flatMap((abi) => Object.values(tableOf(abi).numbers));
}

/** The value to take of an interval node, and where it leads. */
function chosen(search: Search, word: number, node: Extract<Node, { kind: "ranges" }>): readonly [number, NodeId] {
  const open = node.targets.map((target) => reaches(search, target));
  const intervalOf = (value: number): number => node.starts.findLastIndex((start) => start <= value);
  const known = preferred(search, word).find((value) => open[intervalOf(value)] === true);
  const place = known === undefined ? open.indexOf(true) : intervalOf(known);
  return [known ?? node.starts[place] ?? 0, node.targets[place] ?? 0];
}

/** The value to take of a bits node: zeros where they do. */
function chosenBits(search: Search, root: BitId): readonly [number, NodeId] {
  const { diagrams } = search;
  const good = (id: BitId): boolean => terminalsOf(diagrams, id).some((node) => reaches(search, node));
  let [value, at] = [0, root];
  while (!isTerminal(at)) {
    const low = lowOf(diagrams.bits, at);
    if (good(low)) at = low;
    else {
      value += 2 ** bitOf(diagrams.bits, at);
      at = highOf(diagrams.bits, at);
    }
  }
  return [value, nodeOfTerminal(at)];
}

/** An input that leads to a wanted leaf; undefined if none does. */
export function findInput(diagrams: Diagrams, root: NodeId, wanted: (leaf: Leaf) => boolean): Found | undefined {
  const search: Search = { diagrams, wanted, reaches: new Map(), words: new Map() };
  if (!reaches(search, root)) return undefined;
  let at = root;
  for (let node = diagrams.nodes[at]; node !== undefined && node.kind !== "leaf"; node = diagrams.nodes[at]) {
    const [value, next] = node.kind === "ranges" ? chosen(search, node.word, node) : chosenBits(search, node.root);
    search.words.set(node.word, value);
    at = next;
  }
  const leaf = leafOf(diagrams, at);
  return leaf === undefined ? undefined : { words: completed(search.words), leaf };
}

/** With an architecture and a number also where they do not matter. */
function completed(words: Map<number, number>): ReadonlyMap<number, number> {
  if (!words.has(ARCH_WORD)) words.set(ARCH_WORD, tableOf("x86_64").audit);
  return words;
}

/** An input as a filter gets it. */
export function dataOf(words: ReadonlyMap<number, number>): SeccompData {
  const wide = (word: number): bigint => (BigInt(words.get(word) ?? 0) << 32n) | BigInt(words.get(word + 1) ?? 0);
  const args = Array.from({ length: (WORDS - 4) / 2 }, (_, argument) => wide(argumentWord(argument)));
  const data = { arch: words.get(ARCH_WORD) ?? 0, nr: words.get(NUMBER_WORD) ?? 0, args };
  const pointer = wide(POINTER_WORD);
  return pointer === 0n ? data : { ...data, instructionPointer: pointer };
}
