/** Random policies and the calls at which their answers can change, for the property tests of filters. */
import fc from "fast-check";
import { type Abi, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import type { AbiPolicy, Condition, FilterAction, Policy, Rule } from "../../src/core/seccomp/policy/policy.ts";
import { interestingValues } from "./interesting.ts";

const EDGES = [0n, 1n, 2n, 7n, 8n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn, 0x100000000n, 0x100000001n];

/** 64-bit values: small ones, edges of either half, anything. */
export const wide: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...EDGES, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 63n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

/** Masks: one bit, a few, any. */
const mask: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: 0n, max: 63n }).map((bit) => 1n << bit),
  fc.bigInt({ min: 0n, max: 255n }),
  wide,
);

/** Any action. */
export const action: fc.Arbitrary<FilterAction> = fc.oneof(
  fc.constantFrom<FilterAction>(
    { kind: "allow" },
    { kind: "log" },
    { kind: "notify" },
    { kind: "kill-process" },
    { kind: "kill-thread" },
    { kind: "errno", errno: "EPERM" },
    { kind: "errno", errno: 0 },
    { kind: "errno", errno: "ENOSYS" },
  ),
  fc.record({ kind: fc.constantFrom("trap" as const, "trace" as const), data: fc.nat({ max: 0xffff }) }),
);

/** Any condition on the first `args` arguments. */
export function condition(args: number): fc.Arbitrary<Condition> {
  const base = { argument: fc.nat({ max: args - 1 }), width: fc.constantFrom(32 as const, 64 as const), value: wide };
  const compared = fc.record({ ...base, operator: fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge") });
  const masked = fc.record({ ...base, operator: fc.constant("masked-eq" as const), mask });
  return fc.oneof({ weight: 3, arbitrary: compared as fc.Arbitrary<Condition> }, { weight: 1, arbitrary: masked });
}

function rule(numbers: readonly number[], args: number): fc.Arbitrary<Rule> {
  return fc.record({
    calls: fc.uniqueArray(fc.constantFrom(...numbers), { minLength: 1, maxLength: 6 }),
    when: fc.array(condition(args), { maxLength: 3 }),
    action,
  });
}

function abiPolicy(numbers: readonly number[], args: number): fc.Arbitrary<AbiPolicy> {
  return fc.record({ rules: fc.array(rule(numbers, args), { maxLength: 10 }), otherwise: action });
}

/** Policies for some of these ABIs, with rules for the given numbers. */
export function policyOn(numbers: { readonly [abi in Abi]?: readonly number[] }, args = 3): fc.Arbitrary<Policy> {
  const each = Object.fromEntries(Object.entries(numbers).map(([abi, own]) => [abi, abiPolicy(own, args)]));
  return fc.record({ abis: fc.record(each, { requiredKeys: [] }), foreign: action }) as fc.Arbitrary<Policy>;
}

/** Policies for some of these ABIs, with rules for few calls, so that they overlap. */
export function policy(abis: readonly Abi[], args = 3): fc.Arbitrary<Policy> {
  const few = (abi: Abi): readonly number[] => {
    const all = Object.values(tableOf(abi).numbers);
    return [...all.slice(0, 12), ...all.slice(-4)];
  };
  return policyOn(Object.fromEntries(abis.map((abi) => [abi, few(abi)])), args);
}

/** `most` calls of an ABI, chosen where a policy's answer can change; the same for the same policy. */
export function vectors(policy: Policy, abi: Abi, most: number): { nr: number; args: bigint[] }[] {
  const rules = policy.abis[abi]?.rules ?? [];
  const conditions = rules.flatMap(({ when }) => when);
  const values = Array.from({ length: 6 }, (_, argument) => [
    ...new Set([0n, ...conditions.filter((each) => each.argument === argument).flatMap(interestingValues)]),
  ]);
  const named = rules.flatMap(({ calls }) => calls);
  const numbers = [...new Set(named.flatMap((number) => [number, number + 1, number - 1]))];
  const edges = [0x3fffffff, 0x40000000, 0x40000001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
  const all = [...numbers.filter((number) => number >= 0), ...edges];
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: most }, (_, place) => ({
    nr: all[place % all.length]!,
    args: values.map((list) => list[random(list.length)]!),
  }));
}
