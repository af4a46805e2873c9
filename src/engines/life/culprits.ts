/**
 * Which items break a service: the suspects first, then halves that are tried side by side, and within a half that breaks it
 * by halving again. After A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002, but for a
 * bounded number of lives: what these could not tell apart is blamed together.
 */
import { type Lives, sideBySide } from "./lives.ts";

/** Whom to blame. Without all of them it may still break, by others. */
export interface Culprits<T> {
  readonly items: readonly T[];
  /** With these it broke. */
  readonly broke: readonly T[];
  /** Whether each of `items` is to blame; else there were no lives left to tell them apart. */
  readonly complete: boolean;
}

/**
 * The culprits among items with which, all together, it breaks. `suspects` are some of them. Of several that break it only
 * together the last is blamed: it is the one that had the others before it.
 */
export async function culprits<T>(
  items: readonly T[],
  suspects: readonly T[],
  lives: Pick<Lives<T>, "ask" | "best">,
): Promise<Culprits<T>> {
  const guilty = await tryOut(items, suspects, lives);
  if (guilty !== undefined || items.length <= 1) {
    return guilty ?? { items, broke: items, complete: true };
  }
  const half = Math.ceil(items.length / 2);
  const halves = [items.slice(0, half), items.slice(half)] as const;
  const answers = await sideBySide(halves.map((part) => lives.ask(part)));
  const broken = halves.filter((_, index) => answers[index] === false);
  if (broken.length > 0) {
    return together(await sideBySide(broken.map((part) => breaking([], part, lives))));
  }
  if (answers.includes(undefined)) {
    const best = lives.best(items);
    return { items: items.filter((item) => !best.includes(item)), broke: items, complete: false };
  }
  return breaking(...halves, lives);
}

/** Whether the suspects are to blame: without them it works, or with them alone it breaks. */
async function tryOut<T>(
  items: readonly T[],
  suspects: readonly T[],
  lives: Pick<Lives<T>, "ask">,
): Promise<Culprits<T> | undefined> {
  if (suspects.length === 0 || suspects.length === items.length) {
    return undefined;
  }
  const rest = items.filter((item) => !suspects.includes(item));
  const [without, alone] = await sideBySide([lives.ask(rest), lives.ask(suspects)]);
  if (alone === false) {
    return breaking([], suspects, lives);
  }
  return without === true ? breaking(rest, suspects, lives) : undefined;
}

/** The first of `items` with which, and with all before it, it breaks; it works with `fixed` alone and breaks with all. */
async function breaking<T>(
  fixed: readonly T[],
  items: readonly T[],
  { ask }: Pick<Lives<T>, "ask">,
): Promise<Culprits<T>> {
  let [works, breaks] = [0, items.length];
  let complete = true;
  while (complete && breaks - works > 1) {
    const middle = Math.floor((works + breaks) / 2);
    const answer = await ask([...fixed, ...items.slice(0, middle)]);
    complete = answer !== undefined;
    if (complete) {
      [works, breaks] = answer === true ? [middle, breaks] : [works, middle];
    }
  }
  return { items: items.slice(works, breaks), broke: [...fixed, ...items.slice(0, breaks)], complete };
}

function together<T>(found: readonly Culprits<T>[]): Culprits<T> {
  return {
    items: found.flatMap(({ items }) => items),
    broke: found.flatMap(({ broke }) => broke),
    complete: found.every(({ complete }) => complete),
  };
}
