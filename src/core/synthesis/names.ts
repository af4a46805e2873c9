/** Names that were made up, and directories of the service's own: where one name stands for any other. */
import { callOf, type Observation } from "../action/action.ts";
import { worked } from "../directives/seen.ts";
import { plainPath } from "../kernel/path.ts";

/**
 * Whether a part of a path looks random, or counted: process ids, dates, UUIDs, hashes, the endings of mkstemp(3).
 *
 * @example
 * import { looksRandom } from "cloison";
 * import assert from "node:assert";
 * assert.ok(looksRandom("sess_8f3ab2c91d0e") && looksRandom("tmp.Xa93bQ") && looksRandom("20240131"));
 * assert.ok(!looksRandom("nginx") && !looksRandom("python3.13"));
 */
export function looksRandom(part: string): boolean {
  const words = part.split(/[-_.]/);
  return words.some(
    (word) =>
      /^\d{3,}$/.test(word) ||
      /^[0-9a-f]{8,}$/i.test(word) ||
      (/^[A-Za-z0-9]{6}$/.test(word) && isMixed(word)) ||
      (/^[A-Za-z0-9]{10,}$/.test(word) && isMixed(word)),
  );
}

/** Digits or capitals in the midst of small letters, as a generator of names makes them. */
function isMixed(word: string): boolean {
  const switches = [...word].filter((character, index) => {
    const before = word[index - 1];
    return before !== undefined && kindOf(before) !== kindOf(character);
  });
  return switches.length >= 2;
}

function kindOf(character: string): "digit" | "capital" | "small" {
  if (/\d/.test(character)) {
    return "digit";
  }
  return /[A-Z]/.test(character) ? "capital" : "small";
}

/** The directory under which a path is always the same: cut before the first part that looks random. */
export function steadyDirectory(path: string): string {
  const parts = plainPath(path).split("/").slice(1, -1);
  const random = parts.findIndex(looksRandom);
  return `/${(random === -1 ? parts : parts.slice(0, random)).join("/")}`;
}

/** Directories that the service treats as its own: given by the unit, or made by it. */
export function ownDirectories(observation: Observation, given: readonly string[]): readonly string[] {
  const made = observation.seen
    .filter((seen) => worked(seen) && callOf(seen.action)?.name.startsWith("mkdir"))
    .flatMap((seen) => seen.action.needs)
    .flatMap((need) => (need.kind === "path" && need.access === "create" ? [plainPath(need.path)] : []));
  return [...new Set([...given.map(plainPath), ...made])].sort();
}
