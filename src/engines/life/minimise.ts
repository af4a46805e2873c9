/**
 * Delta debugging: the smallest set of settings that still makes a rehearsal fail. A. Zeller and
 * R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
 */

/** What a search found. When the budget ran out, `items` is the smallest set found so far and `complete` is false. */
export interface Minimum<T> {
  readonly items: readonly T[];
  readonly complete: boolean;
  readonly runs: number;
}

/**
 * Finds a subset of `items` that satisfies `holds` and loses it when any single item is taken away. `items` as a whole
 * must satisfy it. Asks `holds` at most `budget` times, never twice for the same subset.
 */
export async function minimise<T>(
  items: readonly T[],
  holds: (subset: readonly T[]) => Promise<boolean>,
  budget: number,
): Promise<Minimum<T>> {
  const known = new Map<string, boolean>();
  let runs = 0;
  const ask = async (subset: readonly T[]): Promise<boolean> => {
    const key = subset.map((item) => items.indexOf(item)).join(" ");
    const answer = known.get(key);
    if (answer !== undefined) {
      return answer;
    }
    if (runs >= budget) {
      return false;
    }
    runs += 1;
    const fresh = await holds(subset);
    known.set(key, fresh);
    return fresh;
  };
  let current = items;
  if (current.length > 0 && (await ask([]))) {
    return { items: [], complete: true, runs };
  }
  let parts = Math.min(2, current.length);
  while (current.length > 1 && runs < budget) {
    const smaller = await firstThatHolds(current, parts, ask);
    if (smaller !== undefined) {
      parts = Math.max(smaller.part ? 2 : parts - 1, 2);
      current = smaller.items;
    } else if (parts < current.length) {
      parts = Math.min(parts * 2, current.length);
    } else {
      return { items: current, complete: true, runs };
    }
  }
  return { items: current, complete: current.length <= 1, runs };
}

/** One round: each part alone, then everything without each part. */
async function firstThatHolds<T>(
  items: readonly T[],
  parts: number,
  ask: (subset: readonly T[]) => Promise<boolean>,
): Promise<{ readonly items: readonly T[]; readonly part: boolean } | undefined> {
  const size = items.length / parts;
  const chunks = Array.from({ length: parts }, (_, index) =>
    items.slice(Math.round(index * size), Math.round((index + 1) * size)),
  );
  for (const chunk of chunks) {
    if (await ask(chunk)) {
      return { items: chunk, part: true };
    }
  }
  for (const chunk of parts > 2 ? chunks : []) {
    const rest = items.filter((item) => !chunk.includes(item));
    if (await ask(rest)) {
      return { items: rest, part: false };
    }
  }
  return undefined;
}
