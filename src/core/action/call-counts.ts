/** How often each system call was seen: what a compiled filter is ordered by. */
import { type Abi, numberOf } from "../kernel/syscalls/syscall.ts";
import type { CallProfile } from "../seccomp/compile/weigh.ts";
import { callOf, type Observation } from "./action.ts";

/**
 * The calls of an observation by ABI and number. Names that an ABI lacks do not occur in observations.
 *
 * @example
 * import { callCounts } from "cloison";
 * import assert from "node:assert";
 * const seen = (count) => ({ action: { call: { abi: "x86_64", name: "read", arguments: [] }, needs: [] }, count });
 * const profile = callCounts({ seen: [seen(3), seen(4)] });
 * assert.deepEqual([...profile.x86_64], [[0, 7]]);
 */
export function callCounts({ seen }: Pick<Observation, "seen">): CallProfile {
  const counts: { [abi in Abi]?: Map<number, number> } = {};
  for (const { action, count } of seen) {
    const call = callOf(action);
    if (call === undefined) {
      continue;
    }
    const { abi, name } = call;
    const number = numberOf(abi, name);
    if (number === undefined) {
      continue;
    }
    const own = counts[abi] ?? new Map<number, number>();
    own.set(number, (own.get(number) ?? 0) + count);
    counts[abi] = own;
  }
  return counts;
}
