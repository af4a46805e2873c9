/** Goals that would be open behind walls that nobody has built yet: told by the model alone. */
import type { Sandbox } from "../sandbox/wall.ts";
import { type GoalResult, goalsOf } from "./goals.ts";
import { foresee } from "./predict.ts";
import { type Ground, reachable, throughBy } from "./reachable.ts";

/** All goals, in their order, for an intruder behind these walls; `identity` is how it is written. */
export function supposedGoals(
  identity: string,
  sandbox: Sandbox,
  around: Omit<Ground, "tried">,
): readonly GoalResult[] {
  const { attacks, surroundings } = around;
  const steps = new Map(attacks.map((attack) => [attack.probe.id, attack.steps]));
  const tried = (id: string) => throughBy(foresee(sandbox, steps.get(id) ?? [], surroundings));
  return goalsOf([{ identity, attacks, reached: reachable(sandbox, { ...around, tried }) }]);
}
