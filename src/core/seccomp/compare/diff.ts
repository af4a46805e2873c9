/**
 * Two filters compared for every input: where the second is stricter or looser than the first, call by call, with an
 * input to show it. Stricter and looser follow the kernel's order of actions (seccomp(2)).
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { effects } from "../canonical/canonical.ts";
import { combineLeaves } from "../diagram/combine.ts";
import { type Diagrams, type Leaf, leafNode, NO, type NodeId } from "../diagram/diagram.ts";
import { type Filter, functionOfFilter } from "../filter/filter.ts";
import { rankOf } from "../policy/evaluate.ts";
import { ENTANGLED, type Undecided, unknownPart, withDiagrams } from "./compare.ts";
import { actionAt, type Example, exampleIn, type Group, groupsOf, namesIn } from "./groups.ts";

/**
 * How the second filter answers where it differs: it lets less through, or more, or does neither (another error
 * number).
 */
export type Direction = "stricter" | "looser" | "other";

/** Calls on which two filters differ in the same way. */
export interface Difference {
  /** undefined: several architectures alike, with a table or without. */
  readonly abi: Abi | undefined;
  /** AUDIT_ARCH of the examples, by whose ABI the calls are named. */
  readonly arch: number;
  /** Inclusive intervals of numbers. */
  readonly numbers: readonly (readonly [number, number])[];
  /** Names of the calls among them. */
  readonly calls: readonly string[];
  /** One input for each direction in which they differ; more than one: it depends on the arguments. */
  readonly examples: { readonly [direction in Direction]?: Example };
}

/** How the second filter compares with the first as a whole. */
export type Relation = "equal" | "stricter" | "looser" | "incomparable";

/** What came of a comparison. */
export type Diff =
  | { readonly kind: "compared"; readonly relation: Relation; readonly differences: readonly Difference[] }
  | Undecided;

/** Where two functions differ: NO, unknown, or both answers. */
function differenceOf(diagrams: Diagrams, a: NodeId, b: NodeId): NodeId {
  return combineLeaves(diagrams, a, b, (first, second) => {
    if (first.kind === "unknown") {
      return leafNode(diagrams, first);
    }
    if (second.kind === "unknown") {
      return leafNode(diagrams, second);
    }
    const [left, right] = [leafNode(diagrams, first), leafNode(diagrams, second)];
    return left === right ? NO : leafNode(diagrams, { kind: "pair", a: left, b: right });
  });
}

function directionOf(diagrams: Diagrams, leaf: Leaf): Direction | undefined {
  if (leaf.kind !== "pair") {
    return undefined;
  }
  const order = rankOf(actionAt(diagrams, leaf.b)) - rankOf(actionAt(diagrams, leaf.a));
  if (order === 0) {
    return "other";
  }
  return order < 0 ? "stricter" : "looser";
}

/** What is certain about a group: its differences, or why they could not be determined. */
function differenceIn(diagrams: Diagrams, group: Group): Difference | Undecided | undefined {
  const examples: { [direction in Direction]?: Example } = {};
  for (const direction of ["stricter", "looser", "other"] as const) {
    const found = exampleIn(diagrams, group, (leaf) => directionOf(diagrams, leaf) === direction);
    if (found === "gave-up") {
      return ENTANGLED;
    }
    if (found !== undefined) {
      examples[direction] = found;
    }
  }
  const gap = unknownPart(diagrams, group.node);
  if (gap !== undefined) {
    return gap;
  }
  if (Object.keys(examples).length === 0) {
    return undefined;
  }
  const { abi, arch, numbers } = group;
  return { abi, arch, numbers, calls: namesIn(diagrams, group), examples };
}

function relationOf(differences: readonly Difference[]): Relation {
  const directions = new Set(differences.flatMap(({ examples }) => Object.keys(examples)));
  if (directions.size === 0) {
    return "equal";
  }
  if (directions.size > 1) {
    return "incomparable";
  }
  if (directions.has("stricter")) {
    return "stricter";
  }
  return directions.has("looser") ? "looser" : "incomparable";
}

function diffIn(diagrams: Diagrams, first: Filter, second: Filter): Diff {
  const [a, b] = [first, second].map((filter) => effects(functionOfFilter(filter, diagrams)).root);
  if (a === undefined || b === undefined) {
    return ENTANGLED;
  }
  const found = groupsOf(diagrams, differenceOf(diagrams, a, b)).map((group) => differenceIn(diagrams, group));
  const differences: Difference[] = [];
  for (const each of found) {
    if (each === undefined) {
      continue;
    }
    if ("kind" in each) {
      return each;
    }
    differences.push(each);
  }
  return { kind: "compared", relation: relationOf(differences), differences };
}

/**
 * Compares two filters for every input. The relation describes the second against the first: `stricter` if it never
 * lets more through; `incomparable` also where only the error numbers differ. `unknown` where a program does something
 * that cannot be followed.
 *
 * @example
 * import { denyList, diffFilters } from "cloison";
 * import assert from "node:assert";
 * const deny = (calls) => ({ kind: "policy", policy: denyList(calls, { kind: "errno", errno: "EPERM" }, ["x86_64"]) });
 * const diff = diffFilters(deny(["reboot"]), deny(["reboot", "swapon"]));
 * assert.equal(diff.relation, "stricter");
 * assert.deepEqual(diff.differences[0].calls, ["swapon"]);
 * assert.equal(diff.differences[0].examples.stricter.data.nr, 167);
 */
export function diff(first: Filter, second: Filter): Diff {
  return withDiagrams((diagrams) => diffIn(diagrams, first, second));
}
