/**
 * The rehearsal: the drop-in in a box, the service's whole life with it, watched. What breaks, or silently does worse, is
 * traced to the settings that do it by delta debugging; those are loosened by one step and it is rehearsed again. No
 * drop-in leaves here that did not pass.
 */
import type { Observation } from "../../core/action/action.ts";
import type { SynthesisInput } from "../../core/synthesis/input.ts";
import { printDropIn } from "../../core/synthesis/print.ts";
import { regressions, regressionText } from "../../core/synthesis/regression.ts";
import { loosen, type Synthesis, synthesize } from "../../core/synthesis/synthesize.ts";
import { SystemError } from "../../linux/system-error.ts";
import { firstBroken, type Life, type PhaseResult } from "./exercise.ts";
import { minimise } from "./minimise.ts";
import { flakyError } from "./steady.ts";
import { type Rehearsed, tryLife, watchLife } from "./trial.ts";

/** How many trials one search for the settings to blame may take, and how many searches there may be. */
const TRIALS = 24;
const ROUNDS = 8;

/** What the service was like without the walls. */
export interface Baseline {
  readonly life: Life;
  readonly observation: Observation;
}

/** The settings that passed, and what had to be loosened to get there. */
export interface Passed {
  /** What the synthesis that passed was made from. */
  readonly input: SynthesisInput;
  readonly synthesis: Synthesis;
  readonly dropIn: string;
  readonly life: Life;
  readonly loosened: readonly string[];
  /** What failed behind these walls and passed behind the same walls when it was tried again. */
  readonly flaky: readonly string[];
}

/** Rehearses until a drop-in passes. Throws a SystemError when none is found within the bounds. */
export async function rehearse(
  rehearsed: Rehearsed,
  baseline: Baseline,
  input: SynthesisInput,
  header: readonly string[],
  say: (step: string) => void,
): Promise<Passed> {
  const loosened: string[] = [];
  const flaky: string[] = [];
  let current = input;
  for (let round = 0; round < ROUNDS; round += 1) {
    const synthesis = synthesize(current);
    const dropIn = printDropIn(synthesis, header);
    say(`rehearsing ${synthesis.settings.length} settings`);
    const { life, problem, chance } = await steadyTrial(rehearsed, baseline, dropIn, say);
    flaky.push(...chance);
    if (problem === undefined) {
      return { input: current, synthesis, dropIn, life, loosened, flaky };
    }
    say(`${problem.text}: looking for the setting to blame`);
    const blamed = await blame(rehearsed, baseline, synthesis, problem);
    for (const directive of blamed) {
      current = loosen(current, synthesis, directive);
    }
    loosened.push(`${blamed.join("= and ")}= loosened: ${problem.text}`);
  }
  const reason = `it still breaks after ${ROUNDS} rounds: ${loosened.at(-1)}; no drop-in was written`;
  const help = "see with --verbose what fails; --timeout may help a slow workload";
  throw new SystemError("rehearse", { path: rehearsed.target.name, reason, help });
}

type Problem =
  | { readonly kind: "broken"; readonly text: string; readonly broken: PhaseResult }
  | { readonly kind: "worse"; readonly text: string; readonly broken?: undefined };

/** A trial whose failure, if any, did not come by chance. */
interface SteadyTrial {
  readonly life: Life;
  readonly problem: Problem | undefined;
  /** What failed by chance. */
  readonly chance: readonly string[];
}

/**
 * The watched life behind a drop-in. Where it breaks, it is repeated with the walls, and then without them, before any
 * setting is blamed: a workload that does not pass every time says nothing about walls. Throws a SystemError where it
 * breaks without walls, too. What was refused by a wall was refused, and is not tried again.
 */
async function steadyTrial(
  rehearsed: Rehearsed,
  baseline: Baseline,
  dropIn: string,
  say: (step: string) => void,
): Promise<SteadyTrial> {
  const trial = await watchLife(rehearsed, dropIn);
  const problem = problemOf(baseline, trial);
  if (problem?.kind !== "broken") {
    return { life: trial.life, problem, chance: [] };
  }
  say(`${problem.text}: trying the same again`);
  const repeated = await watchLife(rehearsed, dropIn);
  const again = problemOf(baseline, repeated);
  if (again?.kind !== "broken") {
    return { life: repeated.life, problem: again, chance: [problem.text] };
  }
  say(`${again.text}: trying it without the walls`);
  const broken = firstBroken(baseline.life, await tryLife(rehearsed, undefined));
  if (broken !== undefined) {
    throw flakyError(rehearsed.target.name, broken);
  }
  return { life: repeated.life, problem: again, chance: [] };
}

function problemOf(baseline: Baseline, trial: Baseline): Problem | undefined {
  const broken = firstBroken(baseline.life, trial.life);
  if (broken !== undefined) {
    return { kind: "broken", text: `${broken.phase} fails: ${broken.detail}`, broken };
  }
  const [first] = regressions(baseline.observation, trial.observation);
  return first === undefined ? undefined : { kind: "worse", text: regressionText(first) };
}

/**
 * The settings to blame: of a smallest set that breaks it together, one is enough to loosen, and the last in the order of
 * synthesis is the one that had the others before it.
 */
async function blame(
  rehearsed: Rehearsed,
  baseline: Baseline,
  synthesis: Synthesis,
  problem: Problem,
): Promise<readonly string[]> {
  const fails = async (settings: Synthesis["settings"]): Promise<boolean> => {
    const dropIn = printDropIn({ settings }, []);
    if (problem.kind === "broken") {
      return firstBroken(baseline.life, await tryLife(rehearsed, dropIn)) !== undefined;
    }
    return problemOf(baseline, await watchLife(rehearsed, dropIn)) !== undefined;
  };
  const found = await minimise(synthesis.settings, fails, TRIALS);
  // What a trial that failed by chance led to does not fail once more.
  if (found.items.length === 0 || !(await fails(found.items))) {
    throw flakyError(rehearsed.target.name, problem.broken);
  }
  const culprits = found.complete ? found.items.slice(-1) : found.items;
  return culprits.map(({ directive }) => directive);
}
