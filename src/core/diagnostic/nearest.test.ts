/** Mistyped names, and a second way to count mistakes: every word that is one mistake away. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

/** No two of them are alike. */
const names = ["ProtectClock", "SystemCallFilter", "RestrictNamespaces", "MemoryDenyWriteExecute", "observe"];

test.each([
  ["hardne", "harden"],
  ["haden", "harden"],
  ["hhardenn", "harden"],
  ["aply", "apply"],
  ["HARDEN", "harden"],
])("nearest: %s is %s", (word, meant) => {
  expect(nearest(word, ["observe", "harden", "apply"])).toBe(meant);
});

test.each(["", "x", "run", "hrdnx"])("nearest: '%s' is none of them", (word) => {
  expect(
    nearest(
      word,
      ["observe", "harden", "apply", ""].filter((name) => name !== ""),
    ),
  ).toBeUndefined();
});

/** Every word that is one mistake away, written out. */
function mistaken(word: string): readonly string[] {
  const places = [...word].map((_, place) => place);
  return [
    ...places.map((at) => word.slice(0, at) + word.slice(at + 1)),
    ...places.map((at) => `${word.slice(0, at)}q${word.slice(at + 1)}`),
    ...places.map((at) => `${word.slice(0, at)}q${word.slice(at)}`),
    ...places.slice(1).map((at) => word.slice(0, at - 1) + word[at] + word[at - 1] + word.slice(at + 1)),
  ];
}

test("nearest: a name with one mistake in it is found", () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), (name, which) => {
      const words = mistaken(name);
      expect(nearest(words[which % words.length] ?? "", names)).toBe(name);
    }),
    { numRuns: 1000 },
  );
});
