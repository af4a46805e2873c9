/** Goals that would be open behind walls that nobody has built yet: told by the model alone. */
import type { Sandbox } from "../sandbox/wall.ts";
import { type GoalResult, goalsOf, type Position } from "./goals.ts";
import { foresee } from "./predict.ts";
import { type Ground, reachable, throughBy } from "./reachable.ts";

/** All goals, in their order, for an intruder behind these walls; `identity` is how it is written. */
export function supposedGoals(
  identity: string,
  sandbox: Sandbox,
  around: Omit<Ground, "tried">,
): readonly GoalResult[] {
  return goalsOf([positionBehind(identity, sandbox, around)]);
}

/** Where such an intruder could act, by what the model says of each attack behind these walls. */
export function positionBehind(identity: string, sandbox: Sandbox, around: Omit<Ground, "tried">): Position {
  const { attacks, surroundings } = around;
  const came = new Map(attacks.map(({ probe, steps }) => [probe.id, throughBy(foresee(sandbox, steps, surroundings))]));
  const reached = reachable(sandbox, { ...around, tried: (id) => came.get(id) ?? "unknown" });
  return { identity, reached, attacks };
}
