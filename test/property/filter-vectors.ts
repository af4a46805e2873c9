/** Inputs that cover every branch of a function: each interval or bit test of each node. */
import type { SeccompData } from "../../src/core/bpf/data.ts";
import type { Canonical } from "../../src/core/seccomp/canonical/canonical.ts";
import { conditionAt } from "../../src/core/seccomp/diagram/atom.ts";
import { type BitId, bitOf, highOf, isTerminal, lowOf, nodeOfTerminal } from "../../src/core/seccomp/diagram/bits.ts";
import type { Diagrams, NodeId } from "../../src/core/seccomp/diagram/diagram.ts";
import { dataOf } from "../../src/core/seccomp/diagram/witness.ts";
import { NUMBER_WORD } from "../../src/core/seccomp/diagram/words.ts";

type Words = ReadonlyMap<number, number>;

/** Values of a word that is tested by its bits: one for each branch of each node. */
function bitValues({ bits }: Diagrams, root: BitId): { value: number; node: NodeId }[] {
  const found: { value: number; node: NodeId }[] = [];
  const prefixes = new Map<BitId, number>([[root, 0]]);
  for (const [id, prefix] of prefixes) {
    if (isTerminal(id)) {
      continue;
    }
    for (const [next, value] of [
      [lowOf(bits, id), prefix],
      [highOf(bits, id), prefix + 2 ** bitOf(bits, id)],
    ] as const) {
      if (!prefixes.has(next)) {
        prefixes.set(next, value);
      }
      let end = next;
      while (!isTerminal(end)) {
        end = lowOf(bits, end);
      }
      found.push({ value, node: nodeOfTerminal(end) });
    }
  }
  return found;
}

/** At most so many inputs for one interval of numbers. */
const MOST = 4000;

/** Inputs for every path of a function with the first value of each interval, then with one last value at a time. */
export function vectorsOf({ diagrams, root }: Canonical): readonly SeccompData[] {
  const vectors: Words[] = [];
  const visit = (id: NodeId, words: Words, end: { at: number }): void => {
    const node = diagrams.nodes[id];
    if (node === undefined || node.kind === "leaf" || vectors.length >= end.at) {
      vectors.push(words);
      return;
    }
    if (conditionAt(diagrams, node.word) !== undefined) {
      throw new Error("only for functions over words");
    }
    const named = node.kind === "ranges" && node.word <= NUMBER_WORD;
    const ways = node.kind === "bits" ? bitValues(diagrams, node.root) : firstValues(node);
    for (const { value, node: next } of ways) {
      visit(next, new Map([...words, [node.word, value]]), named ? { at: vectors.length + MOST } : end);
    }
    const last = node.kind === "bits" ? [] : node.starts.map((_, place) => (node.starts[place + 1] ?? 2 ** 32) - 1);
    for (const value of last) {
      vectors.push(new Map([...words, [node.word, value]]));
    }
  };
  visit(root, new Map(), { at: MOST });
  return vectors.map(dataOf);
}

function firstValues({ starts, targets }: { starts: readonly number[]; targets: readonly NodeId[] }) {
  return starts.map((value, place) => ({ value, node: targets[place]! }));
}
