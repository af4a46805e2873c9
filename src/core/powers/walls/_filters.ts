/** Filters that some calls do not pass, because what they do is done in another way. */
import { numberOf } from "../../kernel/syscalls/syscall.ts";
import { MACHINE } from "../../probes/act.ts";
import type { Wall } from "../../sandbox/wall.ts";
import type { AbiPolicy, Rule } from "../../seccomp/policy/policy.ts";

/** A wall that, if it is a filter, lets native calls of these names through; other walls are as they were. */
export function besideFilters(wall: Wall, names: readonly string[]): Wall {
  if (wall.kind !== "filter") {
    return wall;
  }
  const calls = names.flatMap((name) => numberOf(MACHINE.abi, name) ?? []);
  const free: Rule = { calls, when: [], action: { kind: "allow" } };
  const own = wall.policy.abis[MACHINE.abi];
  const opened: AbiPolicy =
    own === undefined ? { rules: [free], otherwise: wall.policy.foreign } : { ...own, rules: [free, ...own.rules] };
  return { ...wall, policy: { ...wall.policy, abis: { ...wall.policy.abis, [MACHINE.abi]: opened } } };
}
