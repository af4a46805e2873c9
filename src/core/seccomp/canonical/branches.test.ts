import { expect, test } from "vitest";
import { decompile } from "../decompile/decompile.ts";
import { type NamedRule, policyOf } from "../policy/build.ts";
import type { Condition } from "../policy/policy.ts";

const eperm = { kind: "errno", errno: "EPERM" } as const;

const bits = (argument: number, width: 32 | 64, mask: bigint, value: bigint): Condition => ({
  argument,
  width,
  operator: "masked-eq",
  mask,
  value,
});

/** How often and with which operators the rules for one call test its arguments. */
function tests(call: string, whens: readonly (readonly Condition[])[]): readonly (readonly string[])[] {
  const rules = whens.map((when): NamedRule => ({ calls: [call], when, action: eperm }));
  const back = decompile({ kind: "policy", policy: policyOf(rules, { kind: "allow" }, ["x86_64"]) });
  if (!back.ok) {
    throw new TypeError(back.diagnostics[0]?.message);
  }
  return (back.value.abis.x86_64?.rules ?? []).map(({ when }) =>
    when.map(
      ({ operator, value, mask = 0n, width }) => `${operator} ${value.toString(16)}/${mask.toString(16)} ${width}`,
    ),
  );
}

test("a single high bit is told as that bit, though it cuts a word into many intervals", () => {
  expect(tests("clone", [[bits(0, 32, 0x10000000n, 0x10000000n)]])).toEqual([["masked-eq 0/10000000 32"], []]);
  expect(tests("mmap", [[bits(2, 64, 4n << 58n, 4n << 58n)]])).toEqual([["masked-eq 0/1000000000000000 64"], []]);
});

test("a few stretches of values stay stretches", () => {
  const between = (from: bigint, to: bigint): readonly Condition[] => [
    { argument: 0, width: 32, operator: "ge", value: from },
    { argument: 0, width: 32, operator: "le", value: to },
  ];
  expect(tests("socket", [between(3n, 5n), between(9n, 20n)])).toEqual([
    ["ge 3/0 32", "le 5/0 32"],
    ["ge 9/0 32", "le 14/0 32"],
  ]);
});

test("masks of the lower half are told as such, though the upper half is tested, too", () => {
  const above: Condition = { argument: 3, width: 64, operator: "ge", value: 2n ** 32n };
  expect(tests("mmap", [[above], [bits(3, 32, 0xfff0n, 0x10n)]])).toEqual([
    ["ge 100000000/0 64"],
    ["masked-eq 10/fff0 32"],
  ]);
  // A comparison of 64 bits stays one.
  expect(tests("mmap", [[{ ...above, value: 2n ** 32n + 7n }]])).toEqual([["ge 100000007/0 64"]]);
});

test("a value at the end of the range beside tests of bits is told apart", () => {
  for (const width of [32, 64] as const) {
    const zero: Condition = { argument: 1, width, operator: "eq", value: 0n };
    const flags = [0x10000000n, 0x80n].map((flag) => [bits(1, width, flag, flag)]);
    expect(tests("setns", [[zero], ...flags])).toEqual([[`eq 0/0 ${width}`], ["masked-eq 0/10000080 32"], []]);
  }
});
