/** What synthesis starts from: an observation and a unit as they are given, and as the search asks them. */
import type { Observation } from "../action/action.ts";
import { catalogue } from "../directives/catalogue.ts";
import type { AnyDirective, Situation } from "../directives/directive.ts";
import { type Host, sandboxOfValues, type Values } from "../directives/sandbox.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { evidenceOf } from "./evidence.ts";
import { leftOpen, type Objective, remembered } from "./objective.ts";
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
  /** What a rehearsal found of those, in words, by directive and place on its ladder; of those further down the last. */
  readonly failed?: ReadonlyMap<string, readonly (string | undefined)[]>;
  /** What is made as small as possible where two settings cannot be had together; absent: what `leftOpen` counts. */
  readonly objective?: Objective;
  /** How many drafts may be tried at most; absent: as many as are ever needed. */
  readonly tries?: number;
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
  readonly objective: Objective;
}

/** Prepares the search. */
export function prepare(input: SynthesisInput): Prepared {
  const { observation, level, clients, directives = catalogue } = input;
  const { sandbox: before, facts } = sandboxOfValues(input.values, input.host, directives);
  const evidence = evidenceOf(observation, level, facts.directories, facts.machine);
  const all = requirementsOf(evidence, { uid: facts.uid, gid: facts.gid });
  const refused = new Set(unmet(before, all));
  return {
    input,
    directives,
    situation: { unit: facts, observation, level, clients },
    before,
    required: all.filter((requirement) => !refused.has(requirement)),
    objective: remembered(input.objective ?? leftOpen(facts.machine)),
  };
}

/** The same input with more of a directive's candidates passed over. */
export function passedOver(input: SynthesisInput, counts: ReadonlyMap<string, number>): SynthesisInput {
  return { ...input, skip: new Map([...(input.skip ?? []), ...counts]) };
}

/** The same search without some directives. `why`: what the rehearsal found, in words. */
export function without(input: SynthesisInput, directives: readonly string[], why?: string): SynthesisInput {
  const failed = directives.map((directive) => [directive, [...(input.failed?.get(directive) ?? []), why]] as const);
  return {
    ...passedOver(input, new Map(directives.map((directive) => [directive, Number.POSITIVE_INFINITY]))),
    failed: new Map([...(input.failed ?? []), ...failed]),
  };
}
