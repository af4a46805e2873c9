/**
 * An attack that was tried again: from inside the same walls after what happens to a machine in a month, and once more after the
 * service was started anew. What is concluded then counts as much as the first conclusion.
 */
import type { Conclusion } from "./conclude.ts";
import type { Through } from "./reachable.ts";

/** What came of an attack when it was tried again. */
export interface Later {
  /**
   * Behind the walls that had been built before. `untried`: no attacker could wait behind them, because the walls refuse child
   * processes or the calls that waiting needs.
   */
  readonly after: Through | "untried";
  /** Behind walls that were built after it. */
  readonly anew: Through;
}

/** What is concluded of an attack each time. */
export interface Times {
  readonly first: Conclusion;
  /** Absent: it could not be tried. */
  readonly after?: Conclusion;
  readonly anew: Conclusion;
}

/** What came of an attack, for whoever asks where it leads. */
export function throughOf({ outcome, open }: Pick<Conclusion, "outcome" | "open">): Through {
  if (outcome === "unknown") {
    return "unknown";
  }
  return open || outcome === "violated" ? "through" : "stopped";
}

/** The worst of the three, earliest first: what does not hold once does not hold, and one doubt is a doubt. */
export function overTime({ first, after, anew }: Times): Conclusion & { readonly later: Later } {
  const later: Later = { after: after === undefined ? "untried" : throughOf(after), anew: throughOf(anew) };
  const all = [
    { when: "", at: first },
    ...(after === undefined ? [] : [{ when: "after a month's events: ", at: after }]),
    { when: "after a second start: ", at: anew },
  ];
  const { when, at } = all.find(({ at }) => at.outcome === "violated") ??
    all.find(({ at }) => at.outcome === "unknown") ?? { when: "", at: first };
  return { ...at, reason: `${when}${at.reason}`, predicted: first.predicted, later };
}
