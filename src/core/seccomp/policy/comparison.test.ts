import { expect, test } from "vitest";
import { OPPOSITE, reduced } from "./comparison.ts";
import { holds } from "./evaluate.ts";
import type { Condition } from "./policy.ts";

const EDGES = [0n, 1n, 4n, 5n, 6n, 0xfffffffen, 0xffffffffn, 0x1_0000_0000n, 0x1_0000_0005n, 2n ** 64n - 1n];
const OPERATORS = ["eq", "ne", "lt", "le", "gt", "ge", "masked-eq"] as const;

/** Each operator on each width with each edge as its value. */
const conditions = OPERATORS.flatMap((operator) =>
  ([32, 64] as const).flatMap((width) =>
    EDGES.map((value): Condition => {
      const plain = { argument: 0, width, operator, value };
      return operator === "masked-eq" ? { ...plain, mask: 0x1_0000_00f5n } : plain;
    }),
  ),
);

/** Evaluates a reduced condition as its doc comments define it. */
function says(condition: Condition, argument: bigint): boolean {
  const { test: reducedTest, negated } = reduced(condition);
  const own = BigInt.asUintN(condition.width, argument);
  switch (reducedTest.kind) {
    case "always":
      return !negated;
    case "above":
      return own > reducedTest.value !== negated;
    case "masked":
      return ((own & reducedTest.mask) === reducedTest.value) !== negated;
  }
}

test("reduced: two tests say what seven operators say", () => {
  for (const condition of conditions) {
    for (const argument of EDGES) {
      const shown = `${argument} ${condition.operator} ${condition.value} on ${condition.width} bits`;
      expect(says(condition, argument), shown).toBe(holds(condition, argument));
    }
  }
});

test("OPPOSITE: holds exactly where the operator does not", () => {
  for (const condition of conditions) {
    if (condition.operator === "masked-eq") {
      continue;
    }
    const opposite = { ...condition, operator: OPPOSITE[condition.operator] };
    for (const argument of EDGES) {
      expect(holds(opposite, argument)).toBe(!holds(condition, argument));
    }
  }
});
