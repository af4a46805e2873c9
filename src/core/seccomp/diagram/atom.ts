/**
 * Conditions as variables: in a store with atoms a condition on one word of an argument is opaque. Functions built from
 * the same conditions then have the same form, however entangled these are; whether conditions contradict each other is
 * only found out in the search for an input (`witness.ts`).
 */
import { branchNode } from "./combine.ts";
import { type Diagrams, NO, type NodeId, rangesNode, TOO_LARGE, topWord, YES } from "./diagram.ts";
import { NUMBER_WORD, WORDS } from "./words.ts";

/** The greatest depth of conditions: functions are traversed recursively. */
const MOST_ATOMS = 1024;

/**
 * The variable for a condition on one word; the condition itself if the store has no atoms or the word is no
 * argument's.
 */
export function atomOf(diagrams: Diagrams, condition: NodeId): NodeId {
  const { atoms } = diagrams;
  const word = topWord(diagrams, condition);
  if (atoms === undefined || word <= NUMBER_WORD || word >= WORDS) {
    return condition;
  }
  const known = atoms.index.get(condition);
  if (known !== undefined) {
    return variable(diagrams, known, NO, YES);
  }
  const opposite = atoms.index.get(branchNode(diagrams, condition, NO, YES));
  if (opposite !== undefined) {
    return variable(diagrams, opposite, YES, NO);
  }
  if (atoms.conditions.length >= MOST_ATOMS) {
    return TOO_LARGE;
  }
  atoms.conditions.push(condition);
  atoms.index.set(condition, atoms.conditions.length - 1);
  return variable(diagrams, atoms.conditions.length - 1, NO, YES);
}

function variable(diagrams: Diagrams, atom: number, no: NodeId, yes: NodeId): NodeId {
  return rangesNode(diagrams, WORDS + atom, [0, 1], [no, yes]);
}

/** The condition behind a place in the order, over its word; undefined for the place of a word. */
export function conditionAt(diagrams: Diagrams, place: number): NodeId | undefined {
  return place < WORDS ? undefined : diagrams.atoms?.conditions[place - WORDS];
}
