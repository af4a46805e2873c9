/**
 * The settings to blame for what a rehearsal showed: first those that the model says refuse what was seen refused, and only
 * where that mends nothing, those with which lives of the service break.
 */
import type { Observation } from "../../core/action/action.ts";
import { catalogue } from "../../core/directives/catalogue.ts";
import { printDropIn } from "../../core/synthesis/print.ts";
import { suspectsOf } from "../../core/synthesis/suspects.ts";
import type { Setting, Synthesis } from "../../core/synthesis/synthesize.ts";
import { culprits } from "./culprits.ts";
import { firstBroken } from "./first-broken.ts";
import { boundedLives, type Lives } from "./lives.ts";
import { type Baseline, type Problem, problemOf } from "./problem.ts";
import { flakyError } from "./steady.ts";
import { type Rehearsed, tryLife, watchLife } from "./trial.ts";

/** How many lives of a service all searches for whom to blame may take together. */
const MOST_LIVES = 12;

/** Whom to blame. */
export interface Blamed {
  readonly directives: readonly string[];
  /** Whether each of them is to blame by itself; else there were no lives left to tell them apart. */
  readonly complete: boolean;
  /**
   * What was blamed for the same problem the time before was only suspected: `more` of it is blamed now, or it was suspected
   * in `vain`, since with that loosened it is as bad as ever.
   */
  readonly suspected?: "more" | "vain" | undefined;
}

/** Whom to blame for a problem that a watched life behind a drop-in had. */
type Blame = (synthesis: Synthesis, seen: Observation, problem: Problem) => Promise<Blamed>;

/** Blames one drop-in after the other. Throws a SystemError where it breaks only sometimes. */
export function blamer(rehearsed: Rehearsed, baseline: Baseline): Blame {
  const livesOf = boundedLives(MOST_LIVES);
  const blamedBefore = new Set<string>();
  let suspicion: { readonly problem: string; readonly directives: readonly string[] } | undefined;
  return async (synthesis, seen, problem) => {
    const { proven, hinted } = suspectsOf(baseline.observation, seen, synthesis);
    const same = suspicion?.problem === problem.text;
    const before = same ? (suspicion?.directives ?? []) : [];
    if (proven.length > 0) {
      suspicion = { problem: problem.text, directives: [...before, ...proven] };
      return { directives: proven, complete: true, suspected: same ? "more" : undefined };
    }
    suspicion = undefined;
    const { walls, doors } = doorsApart(synthesis);
    const lives = livesOf(circumstancesOf(problem, doors), worksWith(rehearsed, baseline, problem, doors), keyOf);
    const named = [...hinted, ...blamedBefore, ...breakersOf(problem)].filter(
      (directive) => !before.includes(directive),
    );
    const found = await culprits(
      walls,
      walls.filter(({ directive }) => named.includes(directive)),
      lives,
    );
    await assertNotByChance(rehearsed, lives, found.broke, problem);
    const directives = [...new Set(found.items.map(({ directive }) => directive))];
    directives.forEach((directive) => void blamedBefore.add(directive));
    return { directives, complete: found.complete, suspected: same ? "vain" : undefined };
  };
}

/** Directives that are known to break a phase in silence. */
function breakersOf({ broken }: Problem): readonly string[] {
  return catalogue.flatMap(({ name, breaksIn = [] }) =>
    broken !== undefined && breaksIn.includes(broken.phase) ? [name] : [],
  );
}

/** Doors stay open in every life: a wall without its door breaks what it would not break with it. */
function doorsApart({ settings }: Synthesis): {
  readonly walls: readonly Setting[];
  readonly doors: readonly Setting[];
} {
  const isDoor = ({ directive }: Setting): boolean =>
    catalogue.find(({ name }) => name === directive)?.door !== undefined;
  const walls = settings.filter((setting) => !isDoor(setting));
  return walls.length === 0 ? { walls: settings, doors: [] } : { walls, doors: settings.filter(isDoor) };
}

function keyOf({ directive, lines }: Setting): string {
  return [directive, ...lines].join("\n");
}

function circumstancesOf({ kind }: Problem, doors: readonly Setting[]): string {
  return [kind, ...doors.map(keyOf)].join("\n");
}

/** Whether it works with some walls. What breaks is seen without watching, which is faster. */
function worksWith(
  rehearsed: Rehearsed,
  baseline: Baseline,
  problem: Problem,
  doors: readonly Setting[],
): (walls: readonly Setting[]) => Promise<boolean> {
  return async (walls) => {
    const dropIn = printDropIn({ settings: [...walls, ...doors] }, []);
    return problem.kind === "broken"
      ? firstBroken(baseline.life, await tryLife(rehearsed, dropIn)) === undefined
      : problemOf(baseline, await watchLife(rehearsed, dropIn)) === undefined;
  };
}

/** What a life that failed by chance led to does not fail once more; where a life is left, that is tried. */
async function assertNotByChance(
  rehearsed: Rehearsed,
  lives: Lives<Setting>,
  broke: readonly Setting[],
  problem: Problem,
): Promise<void> {
  if (broke.length === 0 || (await lives.askAgain(broke)) === true) {
    throw flakyError(rehearsed.target.name, problem.broken);
  }
}

/** What is done about those to blame, in words. */
export function blamedText({ directives, complete }: Pick<Blamed, "directives" | "complete">): string {
  const names = `${directives.join("= and ")}=`;
  return complete ? `${names} loosened` : `${names} left alone, which ${MOST_LIVES} lives could not tell apart`;
}
