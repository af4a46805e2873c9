/**
 * The name most likely meant by a mistyped word. Distance: optimal string alignment (Damerau 1964; Boytsov 2011,
 * section 3.1): an inserted, missing or replaced letter, or a swap of neighbours, counts as one mistake.
 */

/** The mistakes between two words. Case is ignored, since no two names differ by case alone. */
function distance(word: string, name: string): number {
  const [a, b] = [[...word.toLowerCase()], [...name.toLowerCase()]];
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      const replaced = (last[column] ?? 0) + (letter === other ? 0 : 1);
      const swapped =
        letter === b[column - 1] && other === a[row - 1] ? (before[column - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replaced, swapped, (last[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    [before, last] = [last, current];
  }
  return last.at(-1) ?? 0;
}

/**
 * The nearest of some names; undefined if none is near enough: a third of the letters may be wrong, at most three.
 * Ties go to the first.
 *
 * @example
 * import { nearest } from "cloison";
 * import assert from "node:assert";
 * assert.equal(nearest("hardne", ["observe", "harden"]), "harden");
 * assert.equal(nearest("xyz", ["observe", "harden"]), undefined);
 */
export function nearest(word: string, names: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly mistakes: number } | undefined;
  for (const name of names) {
    const most = Math.min(3, Math.floor((Math.max(word.length, name.length) + 1) / 3));
    // The length alone rules out most names.
    if (Math.abs(name.length - word.length) > most) {
      continue;
    }
    const mistakes = distance(word, name);
    if (mistakes <= most && mistakes < (best?.mistakes ?? Number.POSITIVE_INFINITY)) {
      best = { name, mistakes };
    }
  }
  return best?.name;
}

/**
 * The help for an unknown name: the nearest known one, or else `otherwise`.
 *
 * @example
 * import { didYouMean } from "cloison";
 * import assert from "node:assert";
 * assert.equal(didYouMean("hardne", ["harden"], "see --help"), "did you mean harden?");
 * assert.equal(didYouMean("x", ["harden"], "see --help"), "see --help");
 */
export function didYouMean(word: string, names: readonly string[], otherwise: string): string {
  const meant = nearest(word, names);
  return meant === undefined ? otherwise : `did you mean ${meant}?`;
}
