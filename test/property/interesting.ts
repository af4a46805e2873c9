/** Argument values at which a condition's result changes, as test inputs. */
import type { Condition } from "../../src/core/seccomp/policy/policy.ts";

/** Values around a condition's boundary: equal, adjacent, single bits of its mask, and with another upper half. */
export function interestingValues(condition: Condition): readonly bigint[] {
  const { value, mask } = condition;
  const values = new Set<bigint>([0n, value, value - 1n, value + 1n, value | (1n << 32n), 2n ** 64n - 1n]);
  if (mask !== undefined) {
    values.add(value & mask);
    values.add(mask);
    values.add(~mask);
    for (let bit = 0n; bit < 64n; bit += 1n) {
      if (((mask >> bit) & 1n) === 1n) {
        values.add(1n << bit);
      }
    }
  }
  return [...new Set([...values].map((each) => BigInt.asUintN(64, each)))];
}
