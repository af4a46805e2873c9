import fc from "fast-check";
import { expect, test } from "vitest";
import { prefer } from "./prefer.ts";

const letters = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Works when one of the sets is wholly there: what a service with several ways does. */
const worksWithOne =
  (sets: readonly (readonly string[])[]) =>
  async (subset: readonly string[]): Promise<boolean> =>
    sets.some((set) => set.every((item) => subset.includes(item)));

test("of two that do as well the earlier is kept", async () => {
  expect(await prefer(letters, worksWithOne([["c"], ["f"]]))).toEqual({ items: ["c"], complete: true });
});

test("a single item is not asked about", async () => {
  expect(await prefer(["a"], () => Promise.reject(new Error("asked")))).toEqual({ items: ["a"], complete: true });
});

test("the answer works and no item of it can be spared", async () => {
  const sets = fc.array(fc.uniqueArray(fc.constantFrom(...letters), { minLength: 1, maxLength: 4 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(sets, async (ways) => {
      const works = worksWithOne(ways);
      const { items } = await prefer(letters, works);
      expect(await works(items)).toBe(true);
      for (const item of items) {
        expect(await works(items.filter((other) => other !== item))).toBe(false);
      }
    }),
  );
});

test("the answer is the same whatever the search began with, if that holds it", async () => {
  const sets = fc.array(fc.uniqueArray(fc.constantFrom(...letters), { minLength: 1, maxLength: 4 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(sets, fc.uniqueArray(fc.constantFrom(...letters)), async (ways, more) => {
      const whole = await prefer(letters, worksWithOne(ways));
      const start = letters.filter((item) => whole.items.includes(item) || more.includes(item));
      expect(await prefer(start, worksWithOne(ways))).toEqual(whole);
    }),
  );
});

test("when no more is tried, what is handed out works", async () => {
  const sets = fc.array(fc.uniqueArray(fc.constantFrom(...letters), { minLength: 1, maxLength: 4 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(sets, fc.nat(8), async (ways, budget) => {
      const works = worksWithOne(ways);
      let runs = 0;
      const { items, complete } = await prefer(letters, async (subset) => {
        runs += 1;
        return runs > budget ? undefined : works(subset);
      });
      expect(await works(items)).toBe(true);
      expect(complete).toBe(runs <= budget);
    }),
  );
});
