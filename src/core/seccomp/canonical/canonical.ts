/**
 * A policy as one canonical value: architecture and number in maximal intervals, then the arguments. Two policies in
 * one store are the same function exactly when their roots are the same number. The traps handled here: x32 shares
 * x86_64's AUDIT_ARCH and is told apart by bit 30 of the number; -1, which a tracer writes to skip a call, has that bit
 * too but is no x32 call (kernel/seccomp.c, arch/x86/include/asm/syscall.h); a condition of width 32 tests the lower
 * half only, one of width 64 both.
 */
import { ABIS, type Abi, tableOf, X32_SYSCALL_BIT } from "../../kernel/syscalls/syscall.ts";
import { branchNode } from "../diagram/combine.ts";
import { above, masked, not, wideAbove, wideMasked } from "../diagram/condition.ts";
import {
  createDiagrams,
  type Diagrams,
  leafNode,
  NO,
  type NodeId,
  rangesNode,
  returnNode,
  YES,
} from "../diagram/diagram.ts";
import { mapLeaves } from "../diagram/map.ts";
import { ARCH_WORD, argumentWord, NUMBER_WORD } from "../diagram/words.ts";
import { reduced, type Test } from "../policy/comparison.ts";
import { withErrorNumbers } from "../policy/error-numbers.ts";
import type { AbiPolicy, Condition, Policy, Rule } from "../policy/policy.ts";
import { effectOf, valueOfAction } from "../policy/return-value.ts";
import { listNode, spansOf } from "./list.ts";

/** A function from what a filter reads to what it returns. */
export interface Canonical {
  readonly diagrams: Diagrams;
  readonly root: NodeId;
}

/** The number that a tracer writes to skip a call: -1. */
export const SKIPPED = 0xffffffff;

/** The numbers that belong to an ABI among those that share its AUDIT_ARCH; inclusive intervals in order. */
export function numbersOfAbi(abi: Abi, policy: Policy): readonly (readonly [number, number])[] {
  const skipped = [SKIPPED, SKIPPED] as const;
  if (abi === "x86_64") {
    return [[0, X32_SYSCALL_BIT - 1], skipped];
  }
  if (abi !== "x32") {
    return [[0, SKIPPED]];
  }
  const x32 = [X32_SYSCALL_BIT, SKIPPED - 1] as const;
  return policy.abis.x86_64 === undefined ? [x32, skipped] : [x32];
}

/** The ABI of a policy that a number belongs to under an AUDIT_ARCH; undefined if it gets the foreign action. */
export function abiInPolicy(arch: number, number: number, policy: Policy): Abi | undefined {
  const sharing = ABIS.filter((abi) => policy.abis[abi] !== undefined && tableOf(abi).audit === arch);
  return sharing.find((abi) => numbersOfAbi(abi, policy).some(([from, to]) => number >= from && number <= to));
}

/** Where a test holds. */
function testNode(diagrams: Diagrams, test: Test): NodeId {
  if (test.kind === "always") {
    return YES;
  }
  const { argument, width, value } = test;
  const lower = argumentWord(argument) + 1;
  switch (test.kind) {
    case "above":
      return width === 64 ? wideAbove(diagrams, argument, value) : above(diagrams, lower, Number(value));
    case "masked":
      if (width === 64) {
        return wideMasked(diagrams, argument, test.mask, value);
      }
      return masked(diagrams, lower, Number(test.mask), Number(value));
  }
}

/** The function that says where a condition holds. */
export function conditionNode(diagrams: Diagrams, condition: Condition): NodeId {
  const { test, negated } = reduced(condition);
  const node = testNode(diagrams, test);
  return negated ? not(diagrams, node) : node;
}

/** A rule, or a list of values as one: neighbours with one test each, of one argument, and one action. */
interface Entry {
  /** A conjunction, each member a list of alternatives of which one must hold. */
  readonly conditions: readonly Condition[][];
  readonly action: NodeId;
  /** The argument of a list. */
  readonly list: number | undefined;
}

function entriesOf(diagrams: Diagrams, rules: readonly Rule[]): readonly Entry[] {
  const found: Entry[] = [];
  for (const { when, action } of rules) {
    const node = returnNode(diagrams, valueOfAction(action));
    const list = when.length === 1 ? when[0]?.argument : undefined;
    const last = found.at(-1);
    const joins = list !== undefined && last?.list === list && last.action === node;
    if (joins) {
      last.conditions[0]?.push(...when);
    } else {
      found.push({ conditions: when.map((condition) => [condition]), action: node, list });
    }
  }
  return found;
}

/** Where any of the functions holds. Joined by halves: adding them one by one makes a long list grow with each step. */
function eitherOf(diagrams: Diagrams, conditions: readonly NodeId[]): NodeId {
  const [first = NO] = conditions;
  if (conditions.length <= 1) {
    return first;
  }
  const middle = conditions.length >> 1;
  const [left, right] = [conditions.slice(0, middle), conditions.slice(middle)].map((half) => eitherOf(diagrams, half));
  return branchNode(diagrams, left ?? NO, YES, right ?? NO);
}

/** Where any of the conditions on one argument holds; those that are intervals are joined in one go. */
function anyOf(diagrams: Diagrams, conditions: readonly Condition[]): NodeId {
  const [first] = conditions;
  if (first === undefined || conditions.length === 1 || diagrams.atoms !== undefined) {
    return eitherOf(
      diagrams,
      conditions.map((each) => conditionNode(diagrams, each)),
    );
  }
  const spans = conditions.map((condition) => ({ condition, spans: spansOf(condition) }));
  const lists = ([32, 64] as const).map((width) => {
    const own = spans.flatMap((each) => (each.condition.width === width ? (each.spans ?? []) : []));
    return listNode(diagrams, first.argument, width, own);
  });
  const others = spans.filter((each) => each.spans === undefined);
  return eitherOf(diagrams, [...lists, ...others.map(({ condition }) => conditionNode(diagrams, condition))]);
}

/** What rules answer to a call that all of them name: the first whose conditions hold, else `otherwise`. */
export function rulesNode(diagrams: Diagrams, rules: readonly Rule[], otherwise: NodeId): NodeId {
  // In order: opaque conditions get their places in a diagram in the order in which they are made.
  const made = entriesOf(diagrams, rules).map(({ conditions, action }) => ({
    conditions: conditions.map((alternatives) => anyOf(diagrams, alternatives)),
    action,
  }));
  return made.reduceRight((rest, { conditions, action }) => {
    return conditions.reduceRight((held, condition) => branchNode(diagrams, condition, held, rest), action);
  }, otherwise);
}

/** The rules of each number that any rule names, in order; a rule without conditions ends the list. */
export function rulesByNumber(policy: AbiPolicy): ReadonlyMap<number, readonly Rule[]> {
  const found = new Map<number, Rule[]>();
  for (const rule of policy.rules) {
    for (const call of rule.calls) {
      const number = call >>> 0;
      const list = found.get(number);
      if (list === undefined) {
        found.set(number, [rule]);
      } else if (list.at(-1)?.when.length !== 0 && list.at(-1) !== rule) {
        list.push(rule);
      }
    }
  }
  return found;
}

/** Numbers with the same rules have the same function: each list of rules is made once. */
function memoByRules(diagrams: Diagrams, otherwise: NodeId): (rules: readonly Rule[]) => NodeId {
  const places = new Map<Rule, number>();
  const placeOf = (rule: Rule): number => {
    const place = places.get(rule) ?? places.size;
    places.set(rule, place);
    return place;
  };
  const made = new Map<string, NodeId>();
  return (rules) => {
    const key = rules.map(placeOf).join();
    const known = made.get(key) ?? rulesNode(diagrams, rules, otherwise);
    made.set(key, known);
    return known;
  };
}

/** One interval of numbers and what its calls get. */
interface Piece {
  readonly from: number;
  readonly node: NodeId;
}

function piecesOf(diagrams: Diagrams, policy: Policy, abi: Abi): readonly Piece[] {
  const own = policy.abis[abi];
  if (own === undefined) {
    return [];
  }
  const otherwise = returnNode(diagrams, valueOfAction(own.otherwise));
  const nodeOf = memoByRules(diagrams, otherwise);
  const rules = [...rulesByNumber(own)].sort(([a], [b]) => a - b);
  return numbersOfAbi(abi, policy).flatMap(([from, to]) => {
    const inside = rules.filter(([number]) => number >= from && number <= to);
    const named = inside.flatMap(([number, list]) => [
      { from: number, node: nodeOf(list) },
      ...(number < to ? [{ from: number + 1, node: otherwise }] : []),
    ]);
    return [{ from, node: otherwise }, ...named];
  });
}

/** Numbers past the end of an ABI's intervals belong to nobody. */
function endsOf(policy: Policy, abi: Abi, foreign: NodeId): readonly Piece[] {
  return numbersOfAbi(abi, policy).flatMap(([, to]) => (to < SKIPPED ? [{ from: to + 1, node: foreign }] : []));
}

/** Which function follows from each value of a word on; 0 is one of the values. */
function fromStarts(diagrams: Diagrams, word: number, nodes: ReadonlyMap<number, NodeId>): NodeId {
  const sorted = [...nodes].sort(([a], [b]) => a - b);
  const starts = sorted.map(([start]) => start);
  const targets = sorted.map(([, node]) => node);
  return rangesNode(diagrams, word, starts, targets);
}

/** What the policy answers under one AUDIT_ARCH, whatever ABIs share it. */
function archNode(diagrams: Diagrams, policy: Policy, abis: readonly Abi[]): NodeId {
  const foreign = returnNode(diagrams, valueOfAction(policy.foreign));
  const nodes = new Map([[0, foreign]]);
  const ends = abis.flatMap((abi) => endsOf(policy, abi, foreign));
  const pieces = abis.flatMap((abi) => piecesOf(diagrams, policy, abi));
  // One ABI may begin where another ends: of two pieces with the same start the later one wins.
  for (const { from, node } of [...ends, ...pieces]) {
    nodes.set(from, node);
  }
  return fromStarts(diagrams, NUMBER_WORD, nodes);
}

/** The ABIs of a policy by their AUDIT_ARCH. */
function byAudit({ abis }: Policy): ReadonlyMap<number, readonly Abi[]> {
  const found = new Map<number, Abi[]>();
  for (const abi of ABIS.filter((each) => abis[each] !== undefined)) {
    const { audit } = tableOf(abi);
    found.set(audit, [...(found.get(audit) ?? []), abi]);
  }
  return found;
}

/** Where the canonical form is made. */
export interface CanonicalOptions {
  /** The store to build the function in; by default a new one. */
  readonly diagrams?: Diagrams;
}

/**
 * The canonical form of a policy: equal policies in one store have the same root.
 *
 * @example
 * import { canonicalise, denyList } from "cloison";
 * import assert from "node:assert";
 * const deny = (calls) => denyList(calls, { kind: "errno", errno: "EPERM" });
 * const { diagrams, root } = canonicalise(deny(["reboot", "swapon"]));
 * assert.equal(canonicalise(deny(["swapon", "reboot", "swapon"]), { diagrams }).root, root);
 * assert.notEqual(canonicalise(deny(["reboot"]), { diagrams }).root, root);
 */
export function canonicalise(said: Policy, { diagrams = createDiagrams() }: CanonicalOptions = {}): Canonical {
  const policy = withErrorNumbers(said);
  const foreign = returnNode(diagrams, valueOfAction(policy.foreign));
  const nodes = new Map([[0, foreign]]);
  // Ascending: where one architecture follows right after another, its start overrides the end of the one before.
  const archs = [...byAudit(policy)].sort(([a], [b]) => a - b);
  for (const [audit, sharing] of archs) {
    nodes.set(audit, archNode(diagrams, policy, sharing));
    nodes.set(audit + 1, foreign);
  }
  return { diagrams, root: fromStarts(diagrams, ARCH_WORD, nodes) };
}

/** The same function with every return value normalised to its effect, which is what equality is about. */
export function effects({ diagrams, root }: Canonical): Canonical {
  const changed = mapLeaves(diagrams, root, (leaf) =>
    leaf.kind === "return" ? returnNode(diagrams, effectOf(leaf.value)) : leafNode(diagrams, leaf),
  );
  return { diagrams, root: changed };
}
