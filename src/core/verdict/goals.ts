/** Which goals an intruder reaches, and by which ways: through the service's own walls, or from where other ways lead. */

import type { Attack } from "../probes/attack.ts";
import { GOALS, type GoalName } from "../probes/goals.ts";
import type { Link, Reached } from "./reachable.ts";

/** A way that leads to a goal. */
export interface GoalWay {
  /** Id of the attack. */
  readonly way: string;
  /** As whom, written as in the results of attacks. */
  readonly identity: string;
  /** What comes before it, first things first; absent: it gets through the walls of the service. */
  readonly chain?: readonly Link[];
}

/**
 * `open`: a way leads to it. `unknown`: none is known to, and one could not be decided. `closed`: all that were tried are stopped.
 * `untried`: this machine has no target for any of its ways.
 */
export type GoalState = "open" | "unknown" | "closed" | "untried";

/** What came of one goal. */
export interface GoalResult {
  readonly goal: GoalName;
  readonly title: string;
  readonly state: GoalState;
  /** The ways that lead to it, or of an undecided one those that could not be decided; the shortest chain for each attack. */
  readonly ways: readonly GoalWay[];
  /** The state on the unit as it was; absent: it was not tried. */
  readonly before?: GoalState;
}

/** Where an intruder of one identity can act, and what was tried as it. */
export interface Position {
  readonly identity: string;
  readonly reached: readonly Reached[];
  readonly attacks: readonly Attack[];
}

/** All goals, in their order, over all identities. */
export function goalsOf(positions: readonly Position[]): readonly GoalResult[] {
  return GOALS.map(({ goal, title }) => {
    const led = positions.flatMap((position) => waysTo(goal, position));
    const open = led.filter(({ through }) => through === "through");
    const doubt = led.filter(({ through }) => through === "unknown");
    const state = open.length > 0 ? "open" : doubt.length > 0 ? "unknown" : led.length > 0 ? "closed" : "untried";
    const shown = state === "open" ? open : state === "unknown" ? doubt : [];
    return { goal, title, state, ways: shown.map(({ way }) => way) };
  });
}

/** For each attack that serves a goal the best that comes of it, with the shortest chain to it. */
function waysTo(goal: GoalName, { identity, reached, attacks }: Position) {
  return attacks
    .filter(({ probe }) => probe.goals.includes(goal))
    .map((attack) => {
      const all = reached.map((at) => ({ through: at.of(attack), at }));
      const best =
        all.find(({ through }) => through === "through") ?? all.find(({ through }) => through === "unknown") ?? all[0];
      const { through = "unknown", at } = best ?? {};
      const chain = at?.chain ?? [];
      const way: GoalWay = { way: attack.probe.id, identity, ...(chain.length === 0 ? {} : { chain }) };
      return { through, way };
    });
}

/** The same goals, each with what came of it on the unit as it was. */
export function goalsBeside(after: readonly GoalResult[], before: readonly GoalResult[]): readonly GoalResult[] {
  const earlier = new Map(before.map(({ goal, state }) => [goal, state]));
  return after.map((result) => {
    const was = earlier.get(result.goal);
    return was === undefined ? result : { ...result, before: was };
  });
}
