/** Functions rebuilt with some of their parts replaced; what does not change is not rebuilt. */
import { mapTerminals } from "./bits.ts";
import { bitsNode, type Diagrams, type Leaf, leafOf, type Node, type NodeId, rangesNode } from "./diagram.ts";

/**
 * A node's replacement; undefined to descend into it. Must decide leaves, and may only test words after those above it.
 */
export type Replace = (id: NodeId) => NodeId | undefined;

/** Replaces nodes from the root on. */
export function mapNodes(diagrams: Diagrams, root: NodeId, replace: Replace): NodeId {
  const made = new Map<NodeId, NodeId>();
  const visit = (id: NodeId): NodeId => {
    const known = made.get(id);
    if (known !== undefined) {
      return known;
    }
    const node = diagrams.nodes[id];
    const result = replace(id) ?? (node === undefined ? id : rebuilt(diagrams, id, node, visit));
    made.set(id, result);
    return result;
  };
  return visit(root);
}

function rebuilt(diagrams: Diagrams, id: NodeId, node: Node, visit: (id: NodeId) => NodeId): NodeId {
  switch (node.kind) {
    case "leaf":
      return id;
    case "bits":
      return bitsNode(diagrams, node.word, mapTerminals(diagrams.bits, node.root, visit));
    case "ranges": {
      const targets = node.targets.map(visit);
      const unchanged = targets.every((target, place) => target === node.targets[place]);
      return unchanged ? id : rangesNode(diagrams, node.word, node.starts, targets);
    }
  }
}

/** Changes the leaves of a function. */
export function mapLeaves(diagrams: Diagrams, root: NodeId, change: (leaf: Leaf) => NodeId): NodeId {
  return mapNodes(diagrams, root, (id) => {
    const leaf = leafOf(diagrams, id);
    return leaf === undefined ? undefined : change(leaf);
  });
}
