/**
 * Seven comparisons reduced to two, "greater than" and "equal under a mask", each plain or negated. Whatever is built
 * from conditions needs to know only these two.
 */
import type { Condition } from "./policy.ts";

/** One of two tests of the lower `width` bits of an argument, unsigned, or none. */
export type Test =
  | { readonly kind: "always" }
  /** The argument is greater than `value`. */
  | { readonly kind: "above"; readonly argument: number; readonly width: 32 | 64; readonly value: bigint }
  /** `(argument & mask) == value`; `value` has no bit outside of `mask`. */
  | {
      readonly kind: "masked";
      readonly argument: number;
      readonly width: 32 | 64;
      readonly mask: bigint;
      readonly value: bigint;
    };

/** A condition as a test; where `negated`, it holds where the test does not. */
export interface Reduced {
  readonly test: Test;
  readonly negated: boolean;
}

/**
 * Reduces a condition to one of the two tests. Values and masks are truncated to its width, as the kernel truncates
 * arguments.
 */
export function reduced({ argument, width, operator, value, mask }: Condition): Reduced {
  const all = BigInt.asUintN(width, -1n);
  const right = value & all;
  switch (operator) {
    case "eq":
    case "ne":
      return { test: { kind: "masked", argument, width, mask: all, value: right }, negated: operator === "ne" };
    case "masked-eq": {
      const bits = (mask ?? all) & all;
      return { test: { kind: "masked", argument, width, mask: bits, value: right & bits }, negated: false };
    }
    case "gt":
    case "le":
      return { test: { kind: "above", argument, width, value: right }, negated: operator === "le" };
    case "ge":
    case "lt": {
      const negated = operator === "lt";
      if (right === 0n) {
        return { test: { kind: "always" }, negated };
      }
      return { test: { kind: "above", argument, width, value: right - 1n }, negated };
    }
  }
}

/** The negation of each comparison; masks have none. */
export const OPPOSITE = { eq: "ne", ne: "eq", lt: "ge", ge: "lt", gt: "le", le: "gt" } as const;
