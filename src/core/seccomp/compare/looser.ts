/**
 * Whether filters ever permit a caller more than others did, over every input of every architecture: what keeps a
 * replacement filter from loosening. A call that was let through before counts for nothing, however it is answered now.
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { type Canonical, canonicalise } from "../canonical/canonical.ts";
import { combineLeaves } from "../diagram/combine.ts";
import { type Diagrams, type Leaf, leafNode, NO, type NodeId } from "../diagram/diagram.ts";
import { stackFunction } from "../filter/filter.ts";
import { letsThrough, rankOf } from "../policy/evaluate.ts";
import type { FilterAction, Policy } from "../policy/policy.ts";
import { ENTANGLED, type Undecided, unknownPart, withDiagrams } from "./compare.ts";
import { actionAt, type Example, exampleIn, type Group, groupsOf, namesIn } from "./groups.ts";

/** Calls that are refused less strictly than before. */
export interface Loosened {
  /** undefined: several architectures alike, with a table or without. */
  readonly abi: Abi | undefined;
  /** Names of the calls; empty if they have none. */
  readonly calls: readonly string[];
  readonly example: Example;
}

/** What the search for such calls found; an empty list is a proof that there are none. */
export type Loosening = { readonly kind: "compared"; readonly loosened: readonly Loosened[] } | Undecided;

/**
 * How much an answer permits the caller. Killing the thread and killing the process count alike: neither makes the
 * call, and systemd's own SystemCallArchitectures= kills the thread where other filters kill the process.
 */
function leniency(action: FilterAction): number {
  return rankOf(action.kind === "kill-thread" ? { kind: "kill-process" } : action);
}

/** Both answers where the first is a refusal and the second is more lenient; NO elsewhere. */
function looserNode(diagrams: Diagrams, a: NodeId, b: NodeId): NodeId {
  return combineLeaves(diagrams, a, b, (first, second) => {
    for (const leaf of [first, second]) {
      if (leaf.kind === "unknown") {
        return leafNode(diagrams, leaf);
      }
    }
    const [left, right] = [leafNode(diagrams, first), leafNode(diagrams, second)];
    const [was, is] = [actionAt(diagrams, left), actionAt(diagrams, right)];
    if (letsThrough(was) || leniency(is) <= leniency(was)) {
      return NO;
    }
    return leafNode(diagrams, { kind: "pair", a: left, b: right });
  });
}

const isPair = (leaf: Leaf): boolean => leaf.kind === "pair";

function loosenedIn(diagrams: Diagrams, group: Group): Loosened | Undecided | undefined {
  const example = exampleIn(diagrams, group, isPair);
  if (example === "gave-up") {
    return ENTANGLED;
  }
  if (example === undefined) {
    return unknownPart(diagrams, group.node);
  }
  return { abi: group.abi, calls: namesIn(diagrams, group), example };
}

function looserIn(diagrams: Diagrams, before: readonly Policy[], after: readonly Policy[]): Loosening {
  const functionOf = (policy: Policy): Canonical => canonicalise(policy, { diagrams });
  const { root } = stackFunction(diagrams, after.map(functionOf));
  const loosened: Loosened[] = [];
  // A call that the stack refuses is refused by one of its filters, so each is compared by itself.
  for (const policy of before) {
    for (const group of groupsOf(diagrams, looserNode(diagrams, functionOf(policy).root, root))) {
      const found = loosenedIn(diagrams, group);
      if (found === undefined) {
        continue;
      }
      if ("kind" in found) {
        return found;
      }
      loosened.push(found);
    }
  }
  return { kind: "compared", loosened };
}

/**
 * Where filters that run together refuse less than others that ran together before.
 *
 * @example
 * import { denyList, loosenedCalls } from "cloison";
 * import assert from "node:assert";
 * const deny = (...calls) => denyList(calls, { kind: "errno", errno: "EPERM" }, ["x86_64"]);
 * assert.deepEqual(loosenedCalls([deny("reboot")], [deny("swapon"), deny("reboot")]), { kind: "compared", loosened: [] });
 * const { loosened } = loosenedCalls([deny("reboot", "swapon")], [deny("reboot")]);
 * assert.deepEqual(loosened[0].calls, ["swapon"]);
 */
export function looser(before: readonly Policy[], after: readonly Policy[]): Loosening {
  return withDiagrams((diagrams) => looserIn(diagrams, before, after));
}
