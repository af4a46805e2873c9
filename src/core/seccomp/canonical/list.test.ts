import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../compile/compile.ts";
import { branchNode } from "../diagram/combine.ts";
import { createDiagrams, NO, YES } from "../diagram/diagram.ts";
import type { Condition, Policy } from "../policy/policy.ts";
import { conditionNode } from "./canonical.ts";
import { listNode, spansOf } from "./list.ts";

const half = fc.constantFrom(0n, 1n, 2n, 3n, 0x7fffffffn, 0xfffffffen, 0xffffffffn);
const value = fc.tuple(half, half).map(([upper, lower]) => (upper << 32n) | lower);
const condition = (width: 32 | 64): fc.Arbitrary<Condition> =>
  fc.record({
    argument: fc.constant(2),
    width: fc.constant(width),
    operator: fc.constantFrom("eq", "ne", "lt", "le", "gt", "ge", "masked-eq"),
    value,
    // Bits at the top, which leave one interval.
    mask: fc.nat(64).map((bits) => BigInt.asUintN(64, -1n << BigInt(bits))),
  });

test.each([32, 64] as const)("listNode is where one of the conditions on %s bits holds", (width) => {
  fc.assert(
    fc.property(fc.array(condition(width), { maxLength: 12 }), (conditions) => {
      const diagrams = createDiagrams();
      const oneByOne = conditions.reduce(
        (rest, each) => branchNode(diagrams, conditionNode(diagrams, each), YES, rest),
        NO,
      );
      const spans = conditions.flatMap((each) => spansOf(each) ?? []);
      expect(listNode(diagrams, 2, width, spans)).toBe(oneByOne);
    }),
    { numRuns: 300 },
  );
});

test("spansOf knows no intervals where a mask leaves many", () => {
  expect(spansOf({ argument: 0, width: 64, operator: "masked-eq", value: 0n, mask: 6n })).toBeUndefined();
});

/** Values that look random, and are the same each time. */
function values(count: number): readonly bigint[] {
  let state = 5;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return BigInt(state >>> 8);
  });
}

test.each(["eq", "masked-eq"] as const)(
  "a thousand values of one argument, by %s, take little more than a test each",
  (operator) => {
    const rules = values(1000).map((each) => ({
      calls: [16],
      when: [{ argument: 1, width: 64, operator, value: each, mask: 2n ** 64n - 1n } as const],
      action: { kind: "allow" } as const,
    }));
    const policy: Policy = {
      abis: { x86_64: { rules, otherwise: { kind: "errno", errno: "EPERM" } } },
      foreign: { kind: "kill-process" },
    };
    const length = (goal: "size" | "speed"): number => {
      const made = compile(policy, { goal });
      if (!made.ok) {
        throw new Error(JSON.stringify(made.diagnostics));
      }
      return made.value.program.length;
    };
    expect(length("size")).toBeLessThanOrEqual(1200);
    expect(length("speed")).toBeLessThanOrEqual(1700);
  },
);
