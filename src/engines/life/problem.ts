/** What is worse in a life behind walls than in one without them. */
import type { Observation } from "../../core/action/action.ts";
import { regressions, regressionText } from "../../core/synthesis/regression.ts";
import type { Life, PhaseResult } from "./exercise.ts";
import { firstBroken } from "./first-broken.ts";

/** What the service was like without the walls; or behind them. */
export interface Baseline {
  readonly life: Life;
  readonly observation: Observation;
}

/** What breaks, or silently does worse. */
export type Problem =
  | { readonly kind: "broken"; readonly text: string; readonly broken: PhaseResult }
  | { readonly kind: "worse"; readonly text: string; readonly broken?: undefined };

/** The first problem of a watched life; none if it is as good as the one without walls. */
export function problemOf(baseline: Baseline, trial: Baseline): Problem | undefined {
  const broken = firstBroken(baseline.life, trial.life);
  if (broken !== undefined) {
    return { kind: "broken", text: `${broken.phase} fails: ${broken.detail}`, broken };
  }
  const [first] = regressions(baseline.observation, trial.observation);
  return first === undefined ? undefined : { kind: "worse", text: regressionText(first) };
}
