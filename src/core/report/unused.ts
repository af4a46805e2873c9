/** What a drop-in leaves open and nothing observed used: what an update may be glad of, or a further hardening take. */
import { callOf, type Observation } from "../action/action.ts";
import type { Capability } from "../kernel/capability.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import { boundingOf } from "../sandbox/credentials.ts";
import { policiesOfWalls } from "../sandbox/filters.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { allowedCalls } from "../seccomp/policy/evaluate.ts";

/** By kind, sorted by name. */
export interface Unused {
  /** System calls of the machine's own ABI. */
  readonly calls: readonly string[];
  readonly capabilities: readonly Capability[];
}

/** What a sandbox allows beyond what was seen; whether an action worked does not matter. */
export function unusedIn(sandbox: Sandbox, observation: Observation, abi: Abi): Unused {
  const actions = observation.seen.map(({ action }) => action);
  const made = new Set<string>(actions.flatMap((action) => callOf(action)?.name ?? []));
  const checked = new Set(
    actions.flatMap(({ needs }) => needs.flatMap((need) => (need.kind === "capability" ? [need.capability] : []))),
  );
  return {
    calls: allowedCalls(policiesOfWalls(sandbox.walls), abi).filter((name) => !made.has(name)),
    capabilities: boundingOf(sandbox.walls).filter((name) => !checked.has(name)),
  };
}
