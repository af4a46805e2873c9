/**
 * Argument values at which a policy's answer can change: each condition names its own, and every combination of them is
 * tried, bits in all combinations. For whoever needs inputs to try, or an answer for each call; that two filters are the
 * same is not shown by trying, see `diff.ts`.
 */
import type { Abi } from "../kernel/syscalls/syscall.ts";
import type { Condition, Policy } from "./policy.ts";

/** How many combinations of one call are tried at most. */
const MOST = 4096;

/** Values around a condition's border: equal, next to it, single bits of its mask, and with another upper half. */
export function interestingValues(condition: Condition): readonly bigint[] {
  const { value, mask } = condition;
  const values = new Set<bigint>([0n, value, value - 1n, value + 1n, value | (1n << 32n), 2n ** 64n - 1n]);
  if (mask !== undefined) {
    values.add(value & mask);
    values.add(mask);
    values.add(~mask);
    for (let bit = 0n; bit < 64n; bit += 1n) {
      if (((mask >> bit) & 1n) === 1n) values.add(1n << bit);
    }
  }
  return [...new Set([...values].map((each) => BigInt.asUintN(64, each)))];
}

/** The argument vectors (six values each) worth trying for a call under these policies; one of zeros without conditions. */
export function interestingArguments(
  policies: readonly Policy[],
  abi: Abi,
  number: number,
): readonly (readonly bigint[])[] {
  const conditions = policies.flatMap((policy) => conditionsOn(policy, abi, number));
  const byArgument = new Map<number, Set<bigint>>();
  for (const condition of conditions) {
    const values = byArgument.get(condition.argument) ?? new Set([0n]);
    for (const value of interestingValues(condition)) values.add(value);
    byArgument.set(condition.argument, values);
  }
  for (const [argument, values] of byArgument) {
    const own = conditions.filter((condition) => condition.argument === argument);
    for (const value of jointValues(own)) values.add(value);
  }
  return vectors(byArgument);
}

/** Up to so many bits are tried in all combinations. */
const MOST_BITS = 10;

/** Values that several conditions test together: every combination of the bits of their masks; of very many, what satisfies two tests at once. */
function jointValues(conditions: readonly Condition[]): readonly bigint[] {
  const masks = conditions.flatMap(({ mask, width }) => (mask === undefined ? [] : [BigInt.asUintN(width, mask)]));
  const union = masks.reduce((all, mask) => all | mask, 0n);
  const bits = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).filter((bit) => (union & bit) !== 0n);
  if (bits.length <= MOST_BITS) {
    let values = [0n];
    for (const bit of bits) values = values.concat(values.map((value) => value | bit));
    return values;
  }
  const wanted = conditions.flatMap(({ value, mask }) => (mask === undefined ? [] : [value & mask]));
  return wanted.flatMap((a) => wanted.map((b) => a | b));
}

function conditionsOn(policy: Policy, abi: Abi, number: number): readonly Condition[] {
  const rules = policy.abis[abi]?.rules ?? [];
  return rules.flatMap((rule) => (rule.when.length > 0 && rule.calls.includes(number) ? rule.when : []));
}

/** Every combination of the values of each argument; of very many, each argument varied alone. */
function vectors(byArgument: ReadonlyMap<number, ReadonlySet<bigint>>): readonly (readonly bigint[])[] {
  const zeros = [0n, 0n, 0n, 0n, 0n, 0n];
  const varied = (start: readonly bigint[], argument: number, values: ReadonlySet<bigint>) =>
    [...values].map((value) => start.with(argument, value));
  const product = [...byArgument.values()].reduce((size, values) => size * values.size, 1);
  if (product > MOST) return [zeros, ...[...byArgument].flatMap(([argument, own]) => varied(zeros, argument, own))];
  let found: readonly (readonly bigint[])[] = [zeros];
  for (const [argument, own] of byArgument) found = found.flatMap((vector) => varied(vector, argument, own));
  return found;
}
