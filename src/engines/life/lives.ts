/**
 * Lives of a service with some of its settings, in a bounded number, and what they came to. It is assumed that a service
 * never does better with more settings: what breaks with some breaks with more, and that is not tried.
 */

/** How the service fares with some items: undefined when that would take one more life than there may be. */
export type Ask<T> = (items: readonly T[]) => Promise<boolean | undefined>;

/** What can be asked of lives that are alike but for the items. */
export interface Lives<T> {
  /** Whether it works. */
  readonly ask: Ask<T>;
  /** The same, tried anew whatever is known. */
  readonly askAgain: Ask<T>;
  /** The most of these items that it is known to work with. */
  readonly best: (items: readonly T[]) => readonly T[];
}

/** One thing that is known. */
interface Fact {
  readonly keys: ReadonlySet<string>;
  readonly works: boolean;
}

/** Makes the lives under the same `circumstances` that are had by `works`; `keyOf` tells items apart. */
export type LivesOf = <T>(
  circumstances: string,
  works: (items: readonly T[]) => Promise<boolean>,
  keyOf: (item: T) => string,
) => Lives<T>;

/** Lives of several searches, of which there may be `most` in all. What was learned under some circumstances holds there alone. */
export function boundedLives(most: number): LivesOf {
  const factsUnder = new Map<string, Fact[]>();
  let left = most;
  return <T>(
    circumstances: string,
    works: (items: readonly T[]) => Promise<boolean>,
    keyOf: (item: T) => string,
  ): Lives<T> => {
    const known = factsUnder.get(circumstances) ?? [];
    factsUnder.set(circumstances, known);
    const askAgain: Ask<T> = async (items) => {
      if (left === 0) {
        return undefined;
      }
      left -= 1;
      const answer = await works(items);
      known.push({ keys: new Set(items.map(keyOf)), works: answer });
      return answer;
    };
    return {
      ask: async (items) => recall(known, new Set(items.map(keyOf))) ?? askAgain(items),
      askAgain,
      best: (items) => {
        const sets = known
          .filter((fact) => fact.works)
          .map(({ keys }) => items.filter((item) => keys.has(keyOf(item))));
        return sets.reduce((best, set) => (set.length > best.length ? set : best), []);
      },
    };
  };
}

function recall(known: readonly Fact[], keys: ReadonlySet<string>): boolean | undefined {
  return known.find((fact) => (fact.works ? within(keys, fact.keys) : within(fact.keys, keys)))?.works;
}

function within(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((each) => all.has(each));
}

/** Waits for all, and only then throws what the first of them threw that did: no life is left behind. */
export async function sideBySide<T>(lives: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(lives);
  return Promise.all(lives);
}
