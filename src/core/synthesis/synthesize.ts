/**
 * From an observation to the settings of a drop-in: prepared, searched, and whatever does harm given back. Knows no
 * directive: everything is asked of the directives themselves and of the model.
 */
import { gapText } from "../action/gap.ts";
import type { Values } from "../directives/sandbox.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { adviceFor } from "./advice.ts";
import type { NotEnforced } from "./candidates.ts";
import { withoutHarm } from "./give-back.ts";
import { type Prepared, passedOver, prepare, type SynthesisInput } from "./input.ts";
import { type Searched, type Settled, search, valueIn } from "./search.ts";

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
  readonly warnings: readonly string[];
  readonly advice: readonly string[];
  readonly before: Sandbox;
  readonly after: Sandbox;
  readonly values: Values;
}

/**
 * Synthesises the drop-in of a unit. Deterministic. The joined sandbox `after` is in no wall weaker than `before`; a
 * directive that would make it so is left alone, with a warning.
 */
export function synthesize(input: SynthesisInput): Synthesis {
  const prepared = prepare(input);
  const { before, situation } = prepared;
  const searched = search(prepared);
  const { settled, warnings } = withoutHarm(prepared, searched);
  const { values, sandbox: after } = settled.state;
  return {
    settings: settingsOf(prepared, settled),
    notEnforced: notEnforcedOf(searched),
    warnings: [
      ...input.observation.gaps.map((gap) => `the observation has gaps: ${gapText(gap)}`),
      ...new Set(searched.asked.flatMap(({ warning }) => warning ?? [])),
      ...warnings,
    ],
    advice: adviceFor(input.observation, situation.unit),
    before,
    after,
    values,
  };
}

/** Each directive once: several walls may have wanted the same door. */
function notEnforcedOf({ asked }: Searched): readonly NotEnforced[] {
  const found = asked.flatMap(({ notEnforced }) => notEnforced ?? []);
  return [...new Map(found.map((each) => [each.name, each])).values()];
}

function settingsOf({ input }: Prepared, { steps, state }: Settled): readonly Setting[] {
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

/** The same search with the next looser candidate of a directive; after the last, the directive is left alone. */
export function loosen(input: SynthesisInput, synthesis: Synthesis, directive: string): SynthesisInput {
  const step = synthesis.settings.find((setting) => setting.directive === directive)?.step ?? 0;
  return passedOver(input, new Map([[directive, Math.max(input.skip?.get(directive) ?? 0, step) + 1]]));
}
