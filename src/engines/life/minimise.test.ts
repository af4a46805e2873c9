import fc from "fast-check";
import { expect, test } from "vitest";
import { minimise } from "./minimise.ts";

const letters = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Holds when one of the culprits' sets is wholly there: what a rehearsal with several causes looks like. */
const containsOne =
  (culprits: readonly (readonly string[])[]) =>
  async (subset: readonly string[]): Promise<boolean> =>
    culprits.some((culprit) => culprit.every((item) => subset.includes(item)));

test("a single culprit is found alone", async () => {
  expect((await minimise(letters, containsOne([["f"]]), 100)).items).toEqual(["f"]);
});

test("two that fail only together are found together", async () => {
  expect((await minimise(letters, containsOne([["b", "g"]]), 100)).items).toEqual(["b", "g"]);
});

test("what fails anyway needs nothing", async () => {
  const found = await minimise(letters, async () => true, 100);
  expect(found).toEqual({ items: [], complete: true, runs: 1 });
});

test("a spent budget is said", async () => {
  const found = await minimise(letters, containsOne([["a", "h"]]), 3);
  expect(found.complete).toBe(false);
  expect(found.runs).toBe(3);
});

test("every answer is minimal: it holds, and no item can be spared", async () => {
  const subsets = fc.uniqueArray(fc.constantFrom(...letters), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(subsets, { minLength: 1, maxLength: 3 }), async (culprits) => {
      const holds = containsOne(culprits);
      const { items, complete } = await minimise(letters, holds, 1000);
      expect(complete).toBe(true);
      expect(await holds(items)).toBe(true);
      for (const item of items) {
        expect(await holds(items.filter((other) => other !== item))).toBe(false);
      }
    }),
  );
});
