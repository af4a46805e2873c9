/** A function under what is known of one word. */
import { targetAt } from "./at.ts";
import { type BitId, bitNode, bitOf, highOf, isTerminal, lowOf, nodeOfTerminal, terminal } from "./bits.ts";
import { bitsNode, type Diagrams, type Node, type NodeId, rangesNode, topWord } from "./diagram.ts";

function mapBits(diagrams: Diagrams, root: BitId, change: (id: NodeId) => NodeId): BitId {
  const { bits } = diagrams;
  const memo = new Map<BitId, BitId>();
  const visit = (id: BitId): BitId => {
    if (isTerminal(id)) return terminal(change(nodeOfTerminal(id)));
    const known = memo.get(id);
    if (known !== undefined) return known;
    const made = bitNode(bits, bitOf(bits, id), visit(lowOf(bits, id)), visit(highOf(bits, id)));
    memo.set(id, made);
    return made;
  };
  return visit(root);
}

/** The function where a word has a value: it does not test the word any more. */
export function restrict(diagrams: Diagrams, root: NodeId, word: number, value: number): NodeId {
  const memo = new Map<NodeId, NodeId>();
  const visit = (id: NodeId): NodeId => {
    const node = diagrams.nodes[id];
    if (node === undefined || node.kind === "leaf" || topWord(diagrams, id) > word) return id;
    const known = memo.get(id);
    if (known !== undefined) return known;
    const made = step(node);
    memo.set(id, made);
    return made;
  };
  const step = (node: Exclude<Node, { kind: "leaf" }>): NodeId => {
    if (node.word === word) return targetAt(diagrams, node, value);
    if (node.kind === "bits") return bitsNode(diagrams, node.word, mapBits(diagrams, node.root, visit));
    return rangesNode(diagrams, node.word, node.starts, node.targets.map(visit));
  };
  return visit(root);
}
