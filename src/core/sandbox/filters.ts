/** The seccomp filters of a sandbox, taken out of its walls: what the kernel runs at each call, and nothing else. */
import type { Filter } from "../seccomp/filter/filter.ts";
import type { Policy } from "../seccomp/policy/policy.ts";
import type { Sandbox, Wall } from "./wall.ts";

/** The policies of the walls that are filters, in their order. */
export function policiesOfWalls(walls: readonly Wall[]): readonly Policy[] {
  return walls.flatMap((wall) => (wall.kind === "filter" ? [wall.policy] : []));
}

/**
 * The filters in the order in which they are attached, to be combined as the kernel combines them.
 *
 * @example
 * import { decompileFilter, denyList, filtersOf } from "cloison";
 * import assert from "node:assert";
 * const wall = (call) => ({
 *   kind: "filter",
 *   by: { kind: "setting", directive: "SystemCallFilter", value: `~${call}` },
 *   policy: denyList([call], { kind: "errno", errno: "EPERM" }, ["x86_64"]),
 * });
 * const { value } = decompileFilter(filtersOf({ walls: [wall("reboot"), wall("swapon")] }));
 * assert.deepEqual(value.abis.x86_64.rules[0].calls, [167, 169]);
 */
export function filtersOf(sandbox: Sandbox): Filter {
  return { kind: "policies", policies: policiesOfWalls(sandbox.walls) };
}
