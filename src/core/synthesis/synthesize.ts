/**
 * From an observation to the settings of a drop-in: prepared, searched, and whatever does harm given back. Knows no
 * directive: everything is asked of the directives themselves and of the model.
 */
import { gapText } from "../action/gap.ts";
import type { Values } from "../directives/sandbox.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { adviceFor } from "./advice.ts";
import type { NotEnforced } from "./candidates.ts";
import { type Prepared, passedOver, prepare, type SynthesisInput } from "./input.ts";
import { type Settlement, settle } from "./settle.ts";
import { valueIn } from "./standing.ts";
import { unaccounted } from "./unaccounted.ts";
import type { NotBuilt } from "./witness.ts";

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

/** The drop-in as data, with the sandbox before and after. */
export interface Synthesis {
  readonly settings: readonly Setting[];
  readonly notEnforced: readonly NotEnforced[];
  /** Every setting of the catalogue that is neither written nor implied by what is, with the reason. */
  readonly notBuilt: readonly NotBuilt[];
  readonly warnings: readonly string[];
  readonly advice: readonly string[];
  readonly before: Sandbox;
  readonly after: Sandbox;
  readonly values: Values;
}

/**
 * Synthesises the drop-in of a unit. Deterministic. The joined sandbox `after` is in no wall weaker than `before`; a
 * directive that would make it so is left alone. At the level strict it is in no wall weaker than at balanced.
 */
export function synthesize(input: SynthesisInput): Synthesis {
  const prepared = prepare(input);
  const outcome = settle(prepared);
  const { values, sandbox: after } = outcome.settled.state;
  const silent = unaccounted(prepared, values, outcome.notBuilt);
  return {
    settings: settingsOf(prepared, outcome),
    notEnforced: notEnforcedOf(outcome),
    notBuilt: outcome.notBuilt,
    warnings: [
      ...input.observation.gaps.map((gap) => `the observation has gaps: ${gapText(gap)}`),
      ...new Set([...outcome.offers.values()].flatMap(({ warning }) => warning ?? [])),
      ...outcome.warnings,
      ...silent.map((name) => `${name}= is not written and nothing says why: an error of Cloison's; please report it`),
    ],
    advice: adviceFor(input.observation, prepared.situation.unit),
    before: prepared.before,
    after,
    values,
  };
}

/** Each directive once. */
function notEnforcedOf({ offers }: Settlement): readonly NotEnforced[] {
  return [...offers.values()].flatMap(({ notEnforced }) => notEnforced ?? []);
}

function settingsOf({ input }: Prepared, { settled: { steps, state } }: Settlement): readonly Setting[] {
  const chosen = steps.flatMap((step) => [...step.chosen.values()]);
  return chosen.flatMap(({ directive, candidate, index }) => {
    const value = valueIn(state.values, directive);
    const lines = directive.print(value, valueIn(input.values, directive), input.host.machine);
    if (lines.length === 0) {
      return [];
    }
    const { reason, doors = [] } = candidate;
    return [{ directive: directive.name, value, lines, reason, doors, step: index }];
  });
}

/**
 * The same search with the next looser candidate of a directive; after the last, the directive is left alone. `why`: what the
 * rehearsal found, in words.
 */
export function loosen(input: SynthesisInput, synthesis: Synthesis, directive: string, why?: string): SynthesisInput {
  const before = input.skip?.get(directive) ?? 0;
  const step = synthesis.settings.find((setting) => setting.directive === directive)?.step ?? 0;
  const next = Math.max(before, step) + 1;
  const known = input.failed?.get(directive) ?? [];
  const failed = Array.from({ length: next }, (_, index) => known[index] ?? (index < before ? undefined : why));
  return {
    ...passedOver(input, new Map([[directive, next]])),
    failed: new Map([...(input.failed ?? []), [directive, failed]]),
  };
}
