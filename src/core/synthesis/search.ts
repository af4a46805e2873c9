/**
 * The search: for one wall after the other the strictest candidate, with the doors that it needs, under which all that
 * was seen stays allowed behind all walls together, and by which no wall gets weaker.
 */
import type { AnyDirective } from "../directives/directive.ts";
import { sandboxOfValues, type Values } from "../directives/sandbox.ts";
import { loosened } from "../sandbox/compare.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { type Chosen, inOrder, type Offer, offersOf } from "./candidates.ts";
import type { Prepared } from "./input.ts";
import { unmet } from "./required.ts";

/** Values and what they build. */
export interface Standing {
  readonly values: Values;
  readonly sandbox: Sandbox;
}

/** A wall with the doors that were opened in it, taken or given back together. */
export interface Taken {
  readonly wall: string;
  readonly chosen: ReadonlyMap<string, Chosen>;
}

/** Steps and what they come to. */
export interface Settled {
  readonly state: Standing;
  readonly steps: readonly Taken[];
}

/** What the search came to, with the offers that it looked at, in that order. */
export interface Searched extends Settled {
  readonly asked: readonly Offer[];
}

/** Settles one wall after the other. */
export function search(prepared: Prepared): Searched {
  const offers = offersOf(prepared);
  const walls = [...offers.values()].filter(({ directive }) => directive.door === undefined);
  const start: Searched = { state: { values: prepared.input.values, sandbox: prepared.before }, steps: [], asked: [] };
  return inOrder(prepared, walls).reduce((settled, wall) => settle(prepared, offers, settled, wall), start);
}

function settle(
  prepared: Prepared,
  offers: ReadonlyMap<string, Offer>,
  { state, steps, asked }: Searched,
  wall: Offer,
): Searched {
  if (wall.open.length === 0) {
    return { state, steps, asked: [...asked, wall] };
  }
  const { name } = wall.directive;
  const doors = [...offers.values()].filter(
    ({ directive }) => directive.door?.includes(name) && !steps.some(({ chosen }) => chosen.has(directive.name)),
  );
  const taken = takeStrictest(prepared, state, wall, doors);
  const known = [...asked, wall, ...doors];
  return taken === undefined
    ? { state, steps, asked: known }
    : { state: taken.state, steps: [...steps, { wall: name, chosen: taken.chosen }], asked: known };
}

/** The first candidate, with its doors, under which all required actions are allowed and no wall is weaker than before. */
function takeStrictest(
  prepared: Prepared,
  state: Standing,
  wall: Offer,
  doors: readonly Offer[],
): { readonly state: Standing; readonly chosen: Taken["chosen"] } | undefined {
  const ladders = doors.map(({ open }) => open);
  const deepest = Math.max(1, ...ladders.map((ladder) => ladder.length));
  for (const candidate of wall.open) {
    if (addsNothing(prepared, state, candidate)) {
      return undefined;
    }
    for (let depth = 0; depth < deepest; depth += 1) {
      const opened = ladders.flatMap((ladder) => ladder[Math.min(depth, ladder.length - 1)] ?? []);
      const chosen = withUsefulDoors(prepared, state, candidate, opened);
      const next = joined(prepared, state, chosen);
      if (unmet(next.sandbox, prepared.required).length > 0) {
        continue;
      }
      if (loosened(state.sandbox, next.sandbox).length > 0) {
        continue;
      }
      return { state: next, chosen };
    }
  }
  return undefined;
}

/** A wall with those doors that open something in it; the others are left for the walls that they are for. */
function withUsefulDoors(prepared: Prepared, state: Standing, wall: Chosen, doors: readonly Chosen[]): Taken["chosen"] {
  const mapOf = (all: readonly Chosen[]) => new Map(all.map((each) => [each.directive.name, each]));
  const closed = joined(prepared, state, mapOf([wall])).sandbox;
  const useful = doors.filter((door) => {
    const open = joined(prepared, state, mapOf([wall, door])).sandbox;
    return loosened(closed, open).length > 0;
  });
  return mapOf([wall, ...useful]);
}

/** Whether the unit is already as strict as a candidate. */
function addsNothing({ input }: Prepared, state: Standing, { directive, candidate }: Chosen): boolean {
  const { machine } = input.host;
  const value = directive.meet(candidate.value, valueIn(state.values, directive), machine);
  return directive.print(value, valueIn(input.values, directive), machine).length === 0;
}

function joined(prepared: Prepared, state: Standing, chosen: Taken["chosen"]): Standing {
  const values = new Map(state.values);
  for (const [name, { directive, candidate }] of chosen) {
    const value = directive.meet(candidate.value, valueIn(values, directive), prepared.input.host.machine);
    values.set(name, value);
  }
  return stateOf(prepared, values);
}

/** The value of a directive, its initial one when unset. */
export function valueIn(values: Values, directive: AnyDirective): unknown {
  return values.has(directive.name) ? values.get(directive.name) : directive.initial;
}

/** What values build on the target. */
export function stateOf({ input, directives }: Prepared, values: Values): Standing {
  return { values, sandbox: sandboxOfValues(values, input.host, directives).sandbox };
}
