/** One part of the model's answer to one need, before the walls to blame are found. */
import { distinctOrigins, originText, type WallOrigin } from "./origin.ts";
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
    case "limit":
    case "scheduling":
      return true;
    case "secure-bits":
      return !wall.bits.includes("noroot");
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
 * What built the walls to blame for a refusal: each that is enough to refuse by itself (with the exceptions); if there
 * is none, all that refuse only together. Empty if it is refused even without walls.
 */
export function blame(walls: readonly Wall[], refuses: (walls: readonly Wall[]) => boolean): readonly WallOrigin[] {
  const named = walls.map((wall) => ({ wall, name: originText(wall.by), door: isDoor(wall) }));
  const wallsWhere = (keep: (each: (typeof named)[number]) => boolean): readonly Wall[] =>
    named.filter(keep).map(({ wall }) => wall);
  const originsOf = (names: readonly string[]): readonly WallOrigin[] =>
    distinctOrigins(wallsWhere(({ name }) => names.includes(name)).map(({ by }) => by));
  const names = [...new Set(named.filter(({ door }) => !door).map(({ name }) => name))];
  const alone = names.filter((only) => refuses(wallsWhere(({ name, door }) => door || name === only)));
  if (alone.length > 0 && alone.length < names.length) {
    return originsOf(alone);
  }
  if (alone.length > 0 && !refuses(wallsWhere(({ door }) => door))) {
    return originsOf(alone);
  }
  let kept = [...new Set(named.map(({ name }) => name))];
  for (const candidate of kept) {
    const fewer = kept.filter((other) => other !== candidate);
    if (refuses(wallsWhere(({ name }) => fewer.includes(name)))) {
      kept = fewer;
    }
  }
  return originsOf(kept);
}
