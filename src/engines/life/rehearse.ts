/**
 * The rehearsal: the drop-in in a box, the service's whole life with it, watched. What breaks, or silently does worse, is
 * traced to the settings that do it (`blame.ts`); those are loosened by one step and it is rehearsed again. No drop-in leaves
 * here that did not pass.
 */
import { type SynthesisInput, without } from "../../core/synthesis/input.ts";
import { apart } from "../../core/synthesis/portable.ts";
import { printDropIn } from "../../core/synthesis/print.ts";
import { loosen, type Synthesis, synthesize } from "../../core/synthesis/synthesize.ts";
import { SystemError } from "../../linux/system-error.ts";
import { type Blamed, blamedText, blamer } from "./blame.ts";
import type { Life } from "./exercise.ts";
import { firstBroken } from "./first-broken.ts";
import { type Baseline, type Problem, problemOf } from "./problem.ts";
import { flakyError } from "./steady.ts";
import { type Rehearsed, tryLife, watchLife } from "./trial.ts";

/** How often it is rehearsed with looser settings. */
const ROUNDS = 12;

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
  const flaky: string[] = [];
  const blame = blamer(rehearsed, baseline);
  let draft: Draft = { input, loosened: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const synthesis = synthesize(draft.input);
    const { everywhere, here } = apart(draft.input, synthesis);
    const dropIn = printDropIn({ settings: everywhere }, header, here);
    say(`rehearsing ${synthesis.settings.length} settings`);
    const { trial, problem, chance } = await steadyTrial(rehearsed, baseline, dropIn, say);
    flaky.push(...chance);
    if (problem === undefined) {
      return { input: draft.input, synthesis, dropIn, life: trial.life, loosened: draft.loosened, flaky };
    }
    say(`${problem.text}: looking for the setting to blame`);
    const blamed = await blame(synthesis, trial.observation, problem);
    draft = loosenBlamed(draft, synthesis, blamed, problem);
  }
  const reason = `it still breaks after ${ROUNDS} rounds: ${draft.loosened.at(-1)}; no drop-in was written`;
  const help = "see with --verbose what fails; --timeout may help a slow workload";
  throw new SystemError("rehearse", { path: rehearsed.target.name, reason, help });
}

/** What is rehearsed, what was loosened to get there, and how it was before the last problem. */
interface Draft {
  readonly input: SynthesisInput;
  readonly loosened: readonly string[];
  readonly before?: Draft;
}

/** The draft with what is to blame loosened. What was loosened on suspicion, and in vain, is tightened again. */
function loosenBlamed(last: Draft, synthesis: Synthesis, blamed: Blamed, problem: Problem): Draft {
  const { directives, complete, suspected } = blamed;
  const draft = suspected === "vain" ? (last.before ?? last) : last;
  const input = complete
    ? directives.reduce((looser, directive) => loosen(looser, synthesis, directive, problem.text), draft.input)
    : without(draft.input, directives, problem.text);
  const loosened = [...draft.loosened, `${blamedText(blamed)}: ${problem.text}`];
  return { input, loosened, before: suspected === "more" ? (last.before ?? last) : draft };
}

/** A trial whose failure, if any, did not come by chance. */
interface SteadyTrial {
  readonly trial: Baseline;
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
    return { trial, problem, chance: [] };
  }
  say(`${problem.text}: trying the same again`);
  const repeated = await watchLife(rehearsed, dropIn);
  const again = problemOf(baseline, repeated);
  if (again?.kind !== "broken") {
    return { trial: repeated, problem: again, chance: [problem.text] };
  }
  say(`${again.text}: trying it without the walls`);
  const broken = firstBroken(baseline.life, await tryLife(rehearsed, undefined));
  if (broken !== undefined) {
    throw flakyError(rehearsed.target.name, broken);
  }
  return { trial: repeated, problem: again, chance: [] };
}
