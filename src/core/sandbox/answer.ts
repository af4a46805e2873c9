/** One part of the model's answer to one need, before the walls to blame are found. */
import type { Wall } from "./wall.ts";

/** How the kernel refuses. */
export type Refusal = { readonly errno: string } | { readonly signal: string };

/** Granted, refused in a certain way, or not decidable from what is known. */
export type Answer =
  | { readonly kind: "granted" }
  | { readonly kind: "refused"; readonly as: Refusal }
  | { readonly kind: "unclear"; readonly reason: string };

/** Nothing stands in its way. */
export const GRANTED: Answer = { kind: "granted" };

/** Refused with an error number. */
export function refused(errno: string): Answer {
  return { kind: "refused", as: { errno } };
}

/** Not decidable, with the reason in words. */
export function unclear(reason: string): Answer {
  return { kind: "unclear", reason };
}

/** The answer to several conditions at once: the first refusal, otherwise the first doubt, otherwise granted. */
export function together(...answers: readonly Answer[]): Answer {
  return (
    answers.find((answer) => answer.kind === "refused") ??
    answers.find((answer) => answer.kind === "unclear") ??
    GRANTED
  );
}

/** Whether a wall is an exception, which refuses nothing by itself: it stays in the search for the walls to blame. */
function isDoor(wall: Wall): boolean {
  switch (wall.kind) {
    case "ambient":
      return true;
    case "addresses":
    case "ports":
      return wall.deny.length === 0;
    case "mount":
      return ["read-write", "keep", "exec", "bind"].includes(wall.mode.kind);
    default:
      return false;
  }
}

/**
 * The names of the walls to blame for a refusal: each that is enough to refuse by itself (with the exceptions); if
 * there is none, all that refuse only together. Empty if it is refused even without walls.
 */
export function blame(walls: readonly Wall[], refuses: (walls: readonly Wall[]) => boolean): readonly string[] {
  const names = [...new Set(walls.filter((wall) => !isDoor(wall)).map((wall) => wall.by))];
  const alone = names.filter((name) => refuses(walls.filter((wall) => isDoor(wall) || wall.by === name)));
  if (alone.length > 0 && alone.length < names.length) return alone;
  if (alone.length > 0 && !refuses(walls.filter(isDoor))) return alone;
  let kept = [...new Set(walls.map((wall) => wall.by))];
  for (const name of kept) {
    const fewer = kept.filter((other) => other !== name);
    if (refuses(walls.filter((wall) => fewer.includes(wall.by)))) kept = fewer;
  }
  return kept;
}
