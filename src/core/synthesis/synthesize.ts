/**
 * From an observation to settings: for every directive the strictest candidate under which all that was seen stays
 * allowed behind all walls together, and by which no wall gets weaker. Knows no directive: everything is asked of the
 * directives themselves and of the model.
 */
import type { Observation } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import {
  type AnyDirective,
  type Candidate,
  type Situation,
  type UnitFacts,
  type WantedCalls,
  wallsOf,
} from "../directives/directive.ts";
import { type Host, sandboxOfValues, type Values } from "../directives/sandbox.ts";
import { loosened } from "../sandbox/compare.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { adviceFor } from "./advice.ts";
import { wantedCalls } from "./calls.ts";
import { deadlyFilters } from "./deadly.ts";
import { generalised } from "./generalise.ts";
import { type Requirement, requirementsOf, unmet } from "./required.ts";

/** What synthesis starts from. */
export interface SynthesisInput {
  readonly observation: Observation;
  /** The unit's own settings, folded, drop-ins included. */
  readonly values: Values;
  readonly host: Host;
  readonly level: "balanced" | "strict";
  /** Where clients may come from; undefined: anywhere. */
  readonly clients?: readonly string[] | undefined;
  /** Directives that this machine would ignore, with the reason. */
  readonly ineffective?: ReadonlyMap<string, string>;
  /** How many of a directive's candidates to pass over, strictest first: what a rehearsal found too strict. */
  readonly skip?: ReadonlyMap<string, number>;
  readonly directives?: readonly AnyDirective[];
}

/** One setting of the drop-in. */
export interface Setting {
  readonly directive: string;
  /** Folded, joined with the unit's own. */
  readonly value: unknown;
  /** The right-hand sides to write, in order; an empty one is a reset. */
  readonly lines: readonly string[];
  readonly reason: string;
  /** Exceptions that an observed action needs. */
  readonly doors: readonly string[];
  /** Which of the directive's candidates it is: 0 is the strictest. */
  readonly step: number;
}

/** A protection that the target would not enforce, and that is therefore not written. */
export interface NotEnforced {
  readonly name: string;
  readonly reason: string;
}

/** The drop-in as data, with the sandbox before and after. */
export interface Synthesis {
  readonly settings: readonly Setting[];
  readonly notEnforced: readonly NotEnforced[];
  readonly warnings: readonly string[];
  readonly advice: readonly string[];
  readonly before: Sandbox;
  readonly after: Sandbox;
  readonly values: Values;
  readonly calls: WantedCalls;
}

/** What is settled so far. */
interface State {
  readonly values: Values;
  readonly sandbox: Sandbox;
}

/** A wall with the doors that were opened in it, taken or given back together. */
interface Step {
  readonly wall: string;
  readonly chosen: ReadonlyMap<string, Chosen>;
}

/** Steps and what they come to. */
interface Settled {
  readonly state: State;
  readonly steps: readonly Step[];
}

interface Chosen {
  readonly directive: AnyDirective;
  readonly candidate: Candidate<unknown>;
  readonly index: number;
}

interface Search {
  readonly input: SynthesisInput;
  readonly directives: readonly AnyDirective[];
  readonly situation: Situation;
  readonly required: readonly Requirement[];
  readonly notEnforced: NotEnforced[];
  readonly warnings: string[];
}

/**
 * Synthesises the drop-in of a unit. Deterministic. The joined sandbox `after` is in no wall weaker than `before`; a
 * directive that would make it so is left alone, with a warning.
 */
export function synthesize(input: SynthesisInput): Synthesis {
  const directives = input.directives ?? catalogue;
  const { sandbox: before, facts } = sandboxOfValues(input.values, input.host, directives);
  const search = searchFor(input, directives, before, facts);
  const walls = inOrder(
    search,
    directives.filter((directive) => directive.door === undefined),
  );
  let state: State = { values: input.values, sandbox: before };
  let steps: readonly Step[] = [];
  for (const directive of walls) {
    const taken = takeStrictest(search, state, directive, steps);
    if (taken === undefined) continue;
    state = taken.state;
    steps = [...steps, taken.step];
  }
  const { state: settled, steps: kept } = withoutHarm(search, state, steps);
  const { values, sandbox: after } = settled;
  return {
    settings: settingsOf(search, kept, values),
    notEnforced: search.notEnforced,
    warnings: [...search.warnings, ...deadlyFilters(before, after)],
    advice: adviceFor(input.observation, facts),
    before,
    after,
    values,
    calls: search.situation.calls ?? wantedCalls(input.observation, input.level),
  };
}

function searchFor(
  input: SynthesisInput,
  directives: readonly AnyDirective[],
  before: Sandbox,
  facts: UnitFacts,
): Search {
  const { observation, level, clients } = input;
  const more = level === "balanced" ? generalised(observation, facts.directories) : [];
  const all = requirementsOf(observation, more, { uid: facts.uid, gid: facts.gid });
  const missing = new Set(unmet(before, all));
  const warnings = observation.gaps.map(({ reason, count }) => `the observation has gaps: ${reason} (${count} times)`);
  return {
    input,
    directives,
    situation: { unit: facts, observation, level, clients, calls: wantedCalls(observation, level) },
    required: all.filter((requirement) => !missing.has(requirement)),
    notEnforced: [],
    warnings,
  };
}

/**
 * The order in which walls are settled. Those that only make paths read-only come first, because others take paths out of
 * a read-only tree and need them closed by name. Those that set noexec come last: each path that they name is one that a
 * read-only tree no longer covers, so what the tree needs open must be known before.
 */
function inOrder(search: Search, walls: readonly AnyDirective[]): readonly AnyDirective[] {
  const modes = (directive: AnyDirective): readonly string[] =>
    (directive.ladder?.(search.situation) ?? []).flatMap(({ value }) =>
      wallsOf(directive, value, search.situation.unit).map((wall: Wall) =>
        wall.kind === "mount" ? wall.mode.kind : wall.kind,
      ),
    );
  const rank = (directive: AnyDirective): number => {
    const all = modes(directive);
    if (all.includes("no-exec")) return 2;
    return all.length > 0 && all.every((mode) => mode === "read-only" || mode === "keep") ? 0 : 1;
  };
  return [0, 1, 2].flatMap((wanted) => walls.filter((directive) => rank(directive) === wanted));
}

/**
 * Whether the unit itself says no to a directive. Whoever wrote that had a reason that a workload may not show, so
 * balanced leaves it; a reset of a list says nothing.
 */
function saysNo({ input }: Search, directive: AnyDirective): boolean {
  const value = input.values.get(directive.name);
  return input.level === "balanced" && value === directive.initial && typeof value !== "object" && value !== undefined;
}

/** The candidates that the target enforces and the rehearsal did not refuse; others are noted. */
function candidatesOf(search: Search, directive: AnyDirective): readonly Chosen[] {
  const { input, situation } = search;
  if (directive.ladder !== undefined && saysNo(search, directive)) {
    const warning = `${directive.name}= is left alone: the unit itself says no to it`;
    if (!search.warnings.includes(warning)) search.warnings.push(warning);
    return [];
  }
  const offered = (directive.ladder?.(situation) ?? []).map((candidate, index) => ({ directive, candidate, index }));
  const first = offered[0];
  if (first === undefined) return [];
  const note = (reason: string): void => {
    if (!search.notEnforced.some(({ name }) => name === directive.name)) {
      search.notEnforced.push({ name: directive.name, reason });
    }
  };
  const useless = input.ineffective?.get(directive.name);
  if (useless !== undefined) {
    note(useless);
    return [];
  }
  if (directive.since > input.host.systemd) {
    note(`systemd ${input.host.systemd} does not know it; it came with ${directive.since}`);
    return [];
  }
  return offered.slice(input.skip?.get(directive.name) ?? 0).filter(({ candidate }) => {
    const since = directive.valueSince?.(candidate.value) ?? 0;
    if (since <= input.host.systemd) return true;
    const text = directive.print(candidate.value, directive.initial, input.host.machine).join(" ");
    note(`${text} came with systemd ${since}; this is ${input.host.systemd}`);
    return false;
  });
}

function valueIn(values: Values, directive: AnyDirective): unknown {
  return values.has(directive.name) ? values.get(directive.name) : directive.initial;
}

/** The first candidate, with its doors, under which all required actions are allowed and no wall is weaker than before. */
function takeStrictest(
  search: Search,
  state: State,
  directive: AnyDirective,
  steps: readonly Step[],
): { readonly state: State; readonly step: Step } | undefined {
  const candidates = candidatesOf(search, directive);
  if (candidates.length === 0) return undefined;
  const doors = search.directives.filter(
    (door) => door.door?.includes(directive.name) && !steps.some(({ chosen }) => chosen.has(door.name)),
  );
  const ladders = doors.map((door) => candidatesOf(search, door));
  const deepest = Math.max(1, ...ladders.map((ladder) => ladder.length));
  for (const candidate of candidates) {
    if (addsNothing(search, state, candidate)) return undefined;
    for (let depth = 0; depth < deepest; depth += 1) {
      const opened = ladders.flatMap((ladder) => ladder[Math.min(depth, ladder.length - 1)] ?? []);
      const chosen = withUsefulDoors(search, state, candidate, opened);
      const next = joined(search, state, chosen);
      if (unmet(next.sandbox, search.required).length > 0) continue;
      if (loosened(state.sandbox, next.sandbox).length > 0) continue;
      return { state: next, step: { wall: directive.name, chosen } };
    }
  }
  return undefined;
}

/** A wall with those doors that open something in it; the others are left for the walls that they are for. */
function withUsefulDoors(
  search: Search,
  state: State,
  wall: Chosen,
  doors: readonly Chosen[],
): ReadonlyMap<string, Chosen> {
  const mapOf = (all: readonly Chosen[]) => new Map(all.map((each) => [each.directive.name, each]));
  const closed = joined(search, state, mapOf([wall])).sandbox;
  const useful = doors.filter((door) => {
    const open = joined(search, state, mapOf([wall, door])).sandbox;
    return loosened(closed, open).length > 0;
  });
  return mapOf([wall, ...useful]);
}

/** Whether the unit is already as strict as a candidate. */
function addsNothing(search: Search, state: State, { directive, candidate }: Chosen): boolean {
  const below = valueIn(search.input.values, directive);
  const { machine } = search.input.host;
  const value = directive.meet(candidate.value, valueIn(state.values, directive), machine);
  return directive.print(value, below, machine).length === 0;
}

function joined(search: Search, state: State, chosen: ReadonlyMap<string, Chosen>): State {
  const values = new Map(state.values);
  for (const [name, { directive, candidate }] of chosen) {
    values.set(name, directive.meet(candidate.value, valueIn(values, directive), search.input.host.machine));
  }
  return stateOf(search, values);
}

/** The values with some directives as the unit has them. */
function valuesWithout(search: Search, values: Values, names: readonly string[]): Values {
  const rest = new Map(values);
  for (const name of names) {
    if (search.input.values.has(name)) rest.set(name, search.input.values.get(name));
    else rest.delete(name);
  }
  return rest;
}

function stateOf(search: Search, values: Values): State {
  return { values, sandbox: sandboxOfValues(values, search.input.host, search.directives).sandbox };
}

/**
 * Gives back steps whose doors open more than their wall closes once the other walls stand (ExecPaths= makes a path of
 * a read-only tree writable), and any step that makes the whole weaker than the unit was.
 */
function withoutHarm(search: Search, all: State, steps: readonly Step[]): Settled {
  let kept = steps;
  let state = all;
  for (const step of steps.filter((each) => mayOpen(search, each))) {
    if (!kept.includes(step)) continue;
    const others = stateOf(search, valuesWithout(search, state.values, [...step.chosen.keys()]));
    const opened = loosened(others.sandbox, state.sandbox);
    if (opened.length === 0) continue;
    const before = kept;
    ({ state, steps: kept } = givenBack(search, { state, steps: before }, step));
    search.warnings.push(`${step.wall}= is left alone: beside the other settings it would mean that ${opened[0]}`);
    for (const other of before.filter((each) => each !== step && !kept.includes(each))) {
      search.warnings.push(`${other.wall}= is left alone: without ${step.wall}= it would refuse what was observed`);
    }
  }
  return { state, steps: kept };
}

/**
 * What is left without a step. What it opened other walls may need: then its doors stay, or else a wall that would stand
 * in the way of what was observed goes with it.
 */
function givenBack(search: Search, all: Settled, step: Step): Settled {
  const rest = all.steps.filter((other) => other !== step);
  const doors = new Map([...step.chosen].filter(([name]) => name !== step.wall));
  const opening = rest.filter((other) => mayOpen(search, other));
  const unit = stateOf(search, search.input.values).sandbox;
  const ways: readonly (readonly Step[])[] = [
    rest,
    ...(doors.size > 0 ? [[...rest, { wall: step.wall, chosen: doors }]] : []),
    ...opening.map((other) => rest.filter((each) => each !== other)),
  ];
  for (const steps of ways) {
    const settled = settledBy(search, all, steps);
    const { sandbox } = settled.state;
    if (unmet(sandbox, search.required).length === 0 && loosened(unit, sandbox).length === 0) return settled;
  }
  return settledBy(
    search,
    all,
    rest.filter((other) => !opening.includes(other)),
  );
}

/** What some of the steps come to. */
function settledBy(search: Search, { state, steps: all }: Settled, steps: readonly Step[]): Settled {
  const names = new Set(steps.flatMap(({ chosen }) => [...chosen.keys()]));
  const gone = all.flatMap(({ chosen }) => [...chosen.keys()].filter((name) => !names.has(name)));
  return { steps, state: stateOf(search, valuesWithout(search, state.values, gone)) };
}

/** Walls that can only take away, wherever they stand. */
const closing: ReadonlySet<Wall["kind"]> = new Set<Wall["kind"]>([
  "filter",
  "bounding",
  "no-new-privileges",
  "write-xor-execute",
  "namespace",
  "real-time",
  "keyring",
  "umask",
]);

/** Whether a step might open something beside other walls; one without walls of its own changes those of others. */
function mayOpen(search: Search, { chosen }: Step): boolean {
  const walls: readonly Wall[] = [...chosen.values()].flatMap(({ directive, candidate }) =>
    wallsOf(directive, candidate.value, search.situation.unit),
  );
  return chosen.size > 1 || walls.length === 0 || walls.some((wall) => !closing.has(wall.kind));
}

function settingsOf(search: Search, steps: readonly Step[], values: Values): readonly Setting[] {
  const chosen = steps.flatMap((step) => [...step.chosen.values()]);
  return chosen.flatMap(({ directive, candidate, index }) => {
    const value = valueIn(values, directive);
    const lines = directive.print(value, valueIn(search.input.values, directive), search.input.host.machine);
    if (lines.length === 0) return [];
    const { reason, doors = [] } = candidate;
    return [{ directive: directive.name, value, lines, reason, doors, step: index }];
  });
}

/** The same search with the next looser candidate of a directive; after the last, the directive is left alone. */
export function loosen(input: SynthesisInput, synthesis: Synthesis, directive: string): SynthesisInput {
  const step = synthesis.settings.find((setting) => setting.directive === directive)?.step ?? 0;
  const skip = new Map(input.skip);
  skip.set(directive, Math.max(skip.get(directive) ?? 0, step) + 1);
  return { ...input, skip };
}

/** The same search without some directives. */
export function without(input: SynthesisInput, directives: readonly string[]): SynthesisInput {
  const skip = new Map(input.skip);
  for (const directive of directives) skip.set(directive, Number.POSITIVE_INFINITY);
  return { ...input, skip };
}
