/** What powers share that take calls past filters. */
import { MACHINE } from "../probes/act.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { letsThrough, possible } from "../seccomp/policy/evaluate.ts";
import type { AbiPolicy, Rule } from "../seccomp/policy/policy.ts";

/** The walls without what filters answer to some native calls: these pass, by another way. A filter that lets them all through stays. */
export function withoutFilterOf(walls: readonly Wall[], calls: readonly number[]): Sandbox {
  return { walls: walls.map((wall) => passing(wall, calls)) };
}

function passing(wall: Wall, calls: readonly number[]): Wall {
  if (wall.kind !== "filter") {
    return wall;
  }
  const { policy } = wall;
  const stopped = calls.filter(
    (number) => !possible(policy, { abi: MACHINE.abi, number, arguments: [] }).every(letsThrough),
  );
  if (stopped.length === 0) {
    return wall;
  }
  const { abis, foreign } = policy;
  const free: Rule = { calls: stopped, when: [], action: { kind: "allow" } };
  const own: AbiPolicy = abis[MACHINE.abi] ?? { rules: [], otherwise: foreign };
  return {
    ...wall,
    policy: { ...policy, abis: { ...abis, [MACHINE.abi]: { ...own, rules: [free, ...own.rules] } } },
  };
}
