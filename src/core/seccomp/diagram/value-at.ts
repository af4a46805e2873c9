/** The value of a function for one input. */
import { conditionAt } from "./atom.ts";
import { type BitId, bitOf, highOf, isTerminal, lowOf, nodeOfTerminal } from "./bits.ts";
import { type Diagrams, type Leaf, leafOf, NO, type Node, type NodeId, topWord, YES } from "./diagram.ts";

/** Where a node leads for a value of the word that it decides. */
export function targetAt({ bits }: Diagrams, node: Exclude<Node, { kind: "leaf" }>, value: number): NodeId {
  if (node.kind === "ranges") {
    return node.targets[node.starts.findLastIndex((start) => start <= value)] ?? NO;
  }
  let at: BitId = node.root;
  while (!isTerminal(at)) {
    at = ((value >>> bitOf(bits, at)) & 1) === 1 ? highOf(bits, at) : lowOf(bits, at);
  }
  return nodeOfTerminal(at);
}

/** What a function ends in for an input; `words` in the order of `words.ts`. */
export function leafAt(diagrams: Diagrams, root: NodeId, words: (word: number) => number): Leaf | undefined {
  let at = root;
  for (let node = diagrams.nodes[at]; node !== undefined && node.kind !== "leaf"; node = diagrams.nodes[at]) {
    const condition = conditionAt(diagrams, node.word);
    at = targetAt(diagrams, node, condition === undefined ? words(node.word) : holdsAt(diagrams, condition, words));
  }
  return leafOf(diagrams, at);
}

function holdsAt(diagrams: Diagrams, condition: NodeId, words: (word: number) => number): number {
  const node = diagrams.nodes[condition];
  const held =
    node === undefined || node.kind === "leaf"
      ? condition
      : targetAt(diagrams, node, words(topWord(diagrams, condition)));
  return held === YES ? 1 : 0;
}
