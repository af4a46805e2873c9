/** Where the nodes of a function lead. Contradictions between opaque conditions (`atom.ts`) go unnoticed. */
import { type BitId, highOf, isTerminal, lowOf, nodeOfTerminal } from "./bits.ts";
import { type Diagrams, type Leaf, leafOf, type NodeId } from "./diagram.ts";

/** The nodes that the bits of a word lead to. */
export function terminalsOf({ bits }: Diagrams, root: BitId): readonly NodeId[] {
  const seen = new Set<BitId>([root]);
  for (const id of seen) {
    if (!isTerminal(id)) {
      seen.add(lowOf(bits, id)).add(highOf(bits, id));
    }
  }
  return [...seen].filter(isTerminal).map(nodeOfTerminal);
}

/** The nodes that a node leads to. */
export function childrenOf(diagrams: Diagrams, id: NodeId): readonly NodeId[] {
  const node = diagrams.nodes[id];
  if (node?.kind === "ranges") {
    return node.targets;
  }
  return node?.kind === "bits" ? terminalsOf(diagrams, node.root) : [];
}

/** Whether a wanted leaf can be reached from a node, memoised. */
export function reaching(diagrams: Diagrams, wanted: (leaf: Leaf) => boolean): (id: NodeId) => boolean {
  const said = new Map<NodeId, boolean>();
  const reaches = (id: NodeId): boolean => {
    const known = said.get(id);
    if (known !== undefined) {
      return known;
    }
    const leaf = leafOf(diagrams, id);
    const found = leaf === undefined ? childrenOf(diagrams, id).some(reaches) : wanted(leaf);
    said.set(id, found);
    return found;
  };
  return reaches;
}

/** Whether some input leads to a wanted leaf. */
export function canReach(diagrams: Diagrams, root: NodeId, wanted: (leaf: Leaf) => boolean): boolean {
  return reaching(diagrams, wanted)(root);
}
