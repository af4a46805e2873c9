/** What synthesis starts from: an observation and a unit as they are given, and as the search asks them. */
import type { Observation } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective, Situation } from "../directives/directive.ts";
import { type Host, sandboxOfValues, type Values } from "../directives/sandbox.ts";
import type { Sandbox } from "../sandbox/wall.ts";
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

/** The input with all that follows from it before any setting is tried. */
export interface Prepared {
  readonly input: SynthesisInput;
  readonly directives: readonly AnyDirective[];
  readonly situation: Situation;
  /** The unit's own sandbox. */
  readonly before: Sandbox;
  /** What must stay allowed: what the unit's own walls refuse is not among it. */
  readonly required: readonly Requirement[];
}

/** Prepares the search. */
export function prepare(input: SynthesisInput): Prepared {
  const { observation, level, clients, directives = catalogue } = input;
  const { sandbox: before, facts } = sandboxOfValues(input.values, input.host, directives);
  const more = level === "balanced" ? generalised(observation, facts.directories, facts.machine) : [];
  const all = requirementsOf(observation, more, { uid: facts.uid, gid: facts.gid });
  const refused = new Set(unmet(before, all));
  return {
    input,
    directives,
    situation: { unit: facts, observation, level, clients },
    before,
    required: all.filter((requirement) => !refused.has(requirement)),
  };
}

/** The same input with more of a directive's candidates passed over. */
export function passedOver(input: SynthesisInput, counts: ReadonlyMap<string, number>): SynthesisInput {
  return { ...input, skip: new Map([...(input.skip ?? []), ...counts]) };
}

/** The same search without some directives. */
export function without(input: SynthesisInput, directives: readonly string[]): SynthesisInput {
  return passedOver(input, new Map(directives.map((directive) => [directive, Number.POSITIVE_INFINITY])));
}
