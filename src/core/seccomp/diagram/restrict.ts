/** A function specialised to a known value of one word. */
import { type Diagrams, type NodeId, topWord } from "./diagram.ts";
import { mapNodes } from "./map.ts";
import { targetAt } from "./value-at.ts";

/** The function for one value of a word; it no longer tests that word. */
export function restrict(diagrams: Diagrams, root: NodeId, word: number, value: number): NodeId {
  return mapNodes(diagrams, root, (id) => {
    const top = topWord(diagrams, id);
    if (top < word) {
      return undefined;
    }
    const node = diagrams.nodes[id];
    return top > word || node === undefined || node.kind === "leaf" ? id : targetAt(diagrams, node, value);
  });
}
