/**
 * Two functions of one store compared: the same for every input, or an input on which they differ. Also the retry for
 * any question about filters whose conditions turn out to be too entangled to expand.
 */
import type { SeccompData } from "../../bpf/data.ts";
import { type Canonical, effects } from "../canonical/canonical.ts";
import { combineLeaves } from "../diagram/combine.ts";
import { createDiagrams, type Diagrams, type Leaf, leafNode, NO, type NodeId, YES } from "../diagram/diagram.ts";
import { canReach } from "../diagram/reach.ts";
import { dataOf, findInput, isYes } from "../diagram/witness.ts";

/** Not decided; `at`: the instruction that could not be followed, if it is one. */
export interface Undecided {
  readonly kind: "unknown";
  readonly reason: string;
  readonly at?: number;
}

/** What came of the comparison of two functions. */
export type Comparison = { readonly kind: "same" } | { readonly kind: "input"; readonly data: SeccompData } | Undecided;

/** The answer where a store gave up. */
export const ENTANGLED: Undecided = {
  kind: "unknown",
  reason: "the conditions of a call are too entangled to be compared",
};

const isUnknown = (leaf: Leaf): boolean => leaf.kind === "unknown";

/** Where two functions differ: YES, NO, or unknown. Leaves are compared by their effect. */
function difference(diagrams: Diagrams, a: Canonical, b: Canonical): NodeId {
  const [left, right] = [effects(a).root, effects(b).root];
  if (left === right && !canReach(diagrams, left, isUnknown)) {
    return NO;
  }
  return combineLeaves(diagrams, left, right, (x, y) => {
    if (x.kind === "unknown") {
      return leafNode(diagrams, x);
    }
    if (y.kind === "unknown") {
      return leafNode(diagrams, y);
    }
    return leafNode(diagrams, x) === leafNode(diagrams, y) ? NO : YES;
  });
}

/** Whether two functions of one store are the same; else an input at which they are not. */
export function compareFunctions(a: Canonical, b: Canonical): Comparison {
  const { diagrams } = a;
  const root = difference(diagrams, a, b);
  if (root === NO) {
    return { kind: "same" };
  }
  const found = findInput(diagrams, root, isYes);
  if (found === "gave-up") {
    return ENTANGLED;
  }
  if (found !== undefined) {
    return { kind: "input", data: dataOf(found.words) };
  }
  return unknownPart(diagrams, root) ?? { kind: "same" };
}

/** Why a function is not known for every input; undefined if it is. */
export function unknownPart(diagrams: Diagrams, root: NodeId): Undecided | undefined {
  if (!canReach(diagrams, root, isUnknown)) {
    return undefined;
  }
  const found = findInput(diagrams, root, isUnknown);
  if (found === undefined) {
    return undefined;
  }
  if (found === "gave-up" || found.leaf.kind !== "unknown") {
    return ENTANGLED;
  }
  const { at, reason } = found.leaf;
  return at < 0 ? { kind: "unknown", reason } : { kind: "unknown", reason: `instruction ${at}: ${reason}`, at };
}

/**
 * Does some work in a store that expands conditions into words; if that takes more than `budget` steps, again with
 * conditions kept opaque.
 */
export function withDiagrams<T>(work: (diagrams: Diagrams) => T, budget?: number): T {
  const diagrams = createDiagrams(budget);
  const result = work(diagrams);
  return diagrams.budget < 0 ? work(createDiagrams(undefined, true)) : result;
}
