/**
 * A first draft: for one wall after the other the strictest candidate, with the doors that it needs, under which all that there is
 * evidence of stays allowed behind all walls together. A wall is compared with what the unit had; where it opens something that only
 * the draft had shut, what is to be reached as little as possible decides.
 */
import { loosened } from "../sandbox/compare.ts";
import { type Chosen, inOrder, type Offer } from "./candidates.ts";
import type { Prepared } from "./input.ts";
import { isLess } from "./objective.ts";
import { unmet } from "./required.ts";
import { includes, joined, type Settled, type Standing, type Taken } from "./standing.ts";

/** Settles one wall after the other. */
export function search(prepared: Prepared, offers: ReadonlyMap<string, Offer>): Settled {
  const walls = [...offers.values()].filter(({ directive }) => directive.door === undefined);
  const start: Settled = { state: { values: prepared.input.values, sandbox: prepared.before }, steps: [] };
  return inOrder(prepared, walls).reduce((settled, wall) => takeWall(prepared, offers, settled, wall), start);
}

function takeWall(prepared: Prepared, offers: ReadonlyMap<string, Offer>, settled: Settled, wall: Offer): Settled {
  if (wall.open.length === 0) {
    return settled;
  }
  const { state, steps } = settled;
  const { name } = wall.directive;
  const taken = takeStrictest(prepared, state, wall, doorsOf(offers, steps, name));
  return taken === undefined
    ? settled
    : { state: taken.state, steps: [...steps, { wall: name, chosen: taken.chosen }] };
}

/** The doors of a wall that no step has opened yet. */
export function doorsOf(offers: ReadonlyMap<string, Offer>, steps: readonly Taken[], wall: string): readonly Offer[] {
  return [...offers.values()].filter(
    ({ directive }) => directive.door?.includes(wall) && !steps.some(({ chosen }) => chosen.has(directive.name)),
  );
}

/** What a candidate may be taken with: the doors' first candidates, then their next ones, as far as any goes. */
export function doorChoices(doors: readonly Offer[]): readonly (readonly Chosen[])[] {
  const ladders = doors.map(({ open }) => open);
  const deepest = Math.max(1, ...ladders.map((ladder) => ladder.length));
  return Array.from({ length: deepest }, (_, depth) =>
    ladders.flatMap((ladder) => ladder[Math.min(depth, ladder.length - 1)] ?? []),
  );
}

/** The first candidate, with its doors, under which all that is required is allowed and no wall is weaker than the unit's. */
function takeStrictest(
  prepared: Prepared,
  state: Standing,
  wall: Offer,
  doors: readonly Offer[],
): { readonly state: Standing; readonly chosen: Taken["chosen"] } | undefined {
  for (const candidate of wall.open) {
    if (includes(prepared, state.values, candidate)) {
      return undefined;
    }
    for (const opened of doorChoices(doors)) {
      const chosen = withUsefulDoors(prepared, state, candidate, opened);
      const next = joined(prepared, state, chosen);
      if (isFit(prepared, state, next, candidate === wall.open.at(-1))) {
        return { state: next, chosen };
      }
    }
  }
  return undefined;
}

/** What is reached is weighed for the last candidate alone: before it there is one that may cost the draft nothing. */
function isFit(prepared: Prepared, state: Standing, next: Standing, last: boolean): boolean {
  if (unmet(next.sandbox, prepared.required).length > 0 || loosened(prepared.before, next.sandbox).length > 0) {
    return false;
  }
  const { objective } = prepared;
  return (
    loosened(state.sandbox, next.sandbox).length === 0 ||
    (last && isLess(objective(next.sandbox), objective(state.sandbox)))
  );
}

/** A wall with those doors that open something in it; the others are left for the walls that they are for. */
export function withUsefulDoors(
  prepared: Prepared,
  state: Standing,
  wall: Chosen,
  doors: readonly Chosen[],
): Taken["chosen"] {
  const mapOf = (all: readonly Chosen[]) => new Map(all.map((each) => [each.directive.name, each]));
  if (doors.length === 0) {
    return mapOf([wall]);
  }
  const closed = joined(prepared, state, mapOf([wall])).sandbox;
  const useful = doors.filter((door) => {
    const open = joined(prepared, state, mapOf([wall, door])).sandbox;
    return loosened(closed, open).length > 0;
  });
  return mapOf([wall, ...useful]);
}
