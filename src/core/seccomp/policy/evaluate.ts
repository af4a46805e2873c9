/**
 * What a policy answers to one call, and which of several filters' answers the kernel takes. For an unknown argument
 * the answer is every action that it could lead to, so that nobody has to guess.
 * Facts: seccomp(2), seccomp_run_filters() in the kernel's kernel/seccomp.c (the lowest value wins, newest filter first).
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { nameOf, tableOf } from "../../kernel/syscalls/syscall.ts";
import { localAction } from "./error-numbers.ts";
import type { AbiPolicy, Condition, FilterAction, Policy, Rule } from "./policy.ts";

/** A call as a filter sees it; an absent or undefined argument is unknown. Arguments are unsigned 64-bit numbers. */
export interface CallData {
  readonly abi: Abi;
  readonly number: number;
  readonly arguments: readonly (bigint | undefined)[];
}

const ORDER: readonly FilterAction["kind"][] = [
  "kill-process",
  "kill-thread",
  "trap",
  "errno",
  "notify",
  "trace",
  "log",
  "allow",
];

/** The place of an action in the kernel's order of precedence: 0 wins over all others. */
export function rankOf(action: FilterAction): number {
  return ORDER.indexOf(action.kind);
}

/**
 * The action that the kernel takes when filters answer differently. `actions` are in the order in which the filters
 * were attached; among equal kinds the newest filter's data count. Without any filter: allow.
 *
 * @example
 * import { strongest } from "cloison";
 * import assert from "node:assert";
 * const answers = [{ kind: "errno", errno: "EPERM" }, { kind: "allow" }, { kind: "errno", errno: "ENOSYS" }];
 * assert.deepEqual(strongest(answers), { kind: "errno", errno: "ENOSYS" });
 */
export function strongest(actions: readonly FilterAction[]): FilterAction {
  let best: FilterAction = { kind: "allow" };
  for (const action of actions) {
    if (rankOf(action) <= rankOf(best)) {
      best = action;
    }
  }
  return best;
}

/** Whether the call is carried out: allowed, or allowed and logged. */
export function letsThrough(action: FilterAction): boolean {
  return action.kind === "allow" || action.kind === "log";
}

/** Whether a condition holds for an argument; undefined when the argument is not known. */
export function holds(condition: Condition, argument: bigint | undefined): boolean | undefined {
  const all = condition.width === 32 ? 0xffffffffn : 0xffffffffffffffffn;
  if (condition.operator === "masked-eq" && ((condition.mask ?? all) & all) === 0n) {
    return true;
  }
  if (argument === undefined) {
    return undefined;
  }
  const left = argument & all;
  const right = condition.value & all;
  switch (condition.operator) {
    case "eq":
      return left === right;
    case "ne":
      return left !== right;
    case "lt":
      return left < right;
    case "le":
      return left <= right;
    case "gt":
      return left > right;
    case "ge":
      return left >= right;
    case "masked-eq":
      return (left & (condition.mask ?? all)) === (right & (condition.mask ?? all));
  }
}

const indexes = new WeakMap<AbiPolicy, ReadonlyMap<number, readonly Rule[]>>();

/** The rules of a policy by call number, in order. */
function rulesFor(policy: AbiPolicy, number: number): readonly Rule[] {
  let index = indexes.get(policy);
  if (index === undefined) {
    const fresh = new Map<number, Rule[]>();
    for (const rule of policy.rules) {
      for (const call of new Set(rule.calls)) {
        const list = fresh.get(call);
        if (list === undefined) {
          fresh.set(call, [rule]);
        } else {
          list.push(rule);
        }
      }
    }
    index = fresh;
    indexes.set(policy, index);
  }
  return index.get(number) ?? [];
}

function matches(rule: Rule, data: CallData): boolean | undefined {
  let sure = true;
  for (const condition of rule.when) {
    const held = holds(condition, data.arguments[condition.argument]);
    if (held === false) {
      return false;
    }
    if (held === undefined) {
      sure = false;
    }
  }
  return sure ? true : undefined;
}

/**
 * All actions that a policy may answer to a call: exactly one if every argument that its rules test is known.
 * Conditions on an unknown argument are considered one by one, so the set may be too large, never too small.
 */
export function possible(policy: Policy, data: CallData): readonly FilterAction[] {
  const abi = policy.abis[data.abi];
  if (abi === undefined) {
    return [policy.foreign];
  }
  const found: FilterAction[] = [];
  for (const rule of rulesFor(abi, data.number)) {
    const matched = matches(rule, data);
    if (matched === false) {
      continue;
    }
    if (!found.includes(rule.action)) {
      found.push(rule.action);
    }
    if (matched === true) {
      return found;
    }
  }
  if (!found.includes(abi.otherwise)) {
    found.push(abi.otherwise);
  }
  return found;
}

/**
 * What a policy answers to a call whose arguments are known; undefined when an unknown argument decides.
 *
 * @example
 * import { evaluate, numberOf } from "cloison";
 * import assert from "node:assert";
 * const number = numberOf("x86_64", "socket");
 * const family = { argument: 0, width: 32, operator: "eq", value: 17n };
 * const deny = { kind: "errno", errno: "EAFNOSUPPORT" };
 * const policy = {
 *   abis: { x86_64: { rules: [{ calls: [number], when: [family], action: deny }], otherwise: { kind: "allow" } } },
 *   foreign: { kind: "allow" },
 * };
 * assert.deepEqual(evaluate(policy, { abi: "x86_64", number, arguments: [17n] }), deny);
 * assert.deepEqual(evaluate(policy, { abi: "x86_64", number, arguments: [2n] }), { kind: "allow" });
 * assert.equal(evaluate(policy, { abi: "x86_64", number, arguments: [] }), undefined);
 */
export function evaluate(policy: Policy, data: CallData): FilterAction | undefined {
  const actions = possible(policy, data);
  const first = actions[0];
  return first !== undefined && actions.every((action) => sameAction(action, first))
    ? localAction(first, data.abi)
    : undefined;
}

/** Whether two actions are the same, data included. */
export function sameAction(a: FilterAction, b: FilterAction): boolean {
  if (a.kind !== b.kind) {
    return false;
  }
  if (a.kind === "errno" && b.kind === "errno") {
    return a.errno === b.errno;
  }
  if ((a.kind === "trap" && b.kind === "trap") || (a.kind === "trace" && b.kind === "trace")) {
    return a.data === b.data;
  }
  return true;
}

/**
 * The calls of an ABI's table that every policy lets through with at least some arguments, sorted by name.
 */
export function allowedCalls(policies: readonly Policy[], abi: Abi): readonly string[] {
  return Object.values(tableOf(abi).numbers)
    .filter((number) => policies.every((policy) => possible(policy, { abi, number, arguments: [] }).some(letsThrough)))
    .map((number) => nameOf(abi, number))
    .filter((name) => name !== undefined)
    .sort();
}
