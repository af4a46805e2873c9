/** Settings while they are looked for: values, what they build, and the steps that came to them. */
import type { AnyDirective } from "../directives/directive.ts";
import { sandboxOfValues, type Values } from "../directives/sandbox.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import type { Chosen } from "./candidates.ts";
import type { Prepared } from "./input.ts";

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

/** The value of a directive, its initial one when unset. */
export function valueIn(values: Values, directive: AnyDirective): unknown {
  return values.has(directive.name) ? values.get(directive.name) : directive.initial;
}

/** What values build on the target. */
export function stateOf({ input, directives }: Prepared, values: Values): Standing {
  return { values, sandbox: sandboxOfValues(values, input.host, directives).sandbox };
}

/** What settings come to beside those that stand. */
export function joined(prepared: Prepared, state: Standing, chosen: Taken["chosen"]): Standing {
  const values = new Map(state.values);
  for (const [name, { directive, candidate }] of chosen) {
    values.set(name, directive.meet(candidate.value, valueIn(values, directive), prepared.input.host.machine));
  }
  return stateOf(prepared, values);
}

/** Whether values are as strict as a candidate already. */
export function includes({ input }: Prepared, values: Values, { directive, candidate }: Chosen): boolean {
  const { machine } = input.host;
  const own = valueIn(values, directive);
  return directive.print(directive.meet(candidate.value, own, machine), own, machine).length === 0;
}

/** The right-hand side of a candidate, as it would be written into a unit that says nothing of it. */
export function writtenAs({ input }: Prepared, { directive, candidate }: Chosen): string {
  return directive.print(candidate.value, directive.initial, input.host.machine).join(" ").trim();
}

/** What some of the steps come to. */
export function settledBy(prepared: Prepared, { state, steps: all }: Settled, steps: readonly Taken[]): Settled {
  const names = new Set(steps.flatMap(({ chosen }) => [...chosen.keys()]));
  const gone = all.flatMap(({ chosen }) => [...chosen.keys()].filter((name) => !names.has(name)));
  return { steps, state: stateOf(prepared, valuesWithout(prepared, state.values, gone)) };
}

/** The values with some directives as the unit has them. */
function valuesWithout({ input }: Prepared, values: Values, names: readonly string[]): Values {
  const rest = new Map(values);
  for (const name of names) {
    if (input.values.has(name)) {
      rest.set(name, input.values.get(name));
    } else {
      rest.delete(name);
    }
  }
  return rest;
}
