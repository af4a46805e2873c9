/** Tests src/engines/life/culprits.ts and src/engines/life/lives.ts: the strategy, with counted lives. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { culprits } from "./culprits.ts";
import { boundedLives } from "./lives.ts";

/** As many as the settings of a service. */
const settings = Array.from({ length: 48 }, (_, index) => `setting ${String(index).padStart(2, "0")}`);
const at = (...indices: readonly number[]): readonly string[] => indices.map((index) => settings[index] ?? "");

/** A service that breaks with all of one of these sets, and the number of its lives, at once and in all. */
function service(sets: readonly (readonly string[])[], most = 12) {
  const count = { lives: 0, now: 0, atOnce: 0 };
  const works = async (some: readonly string[]): Promise<boolean> => {
    count.lives += 1;
    count.now += 1;
    count.atOnce = Math.max(count.atOnce, count.now);
    await Promise.resolve();
    count.now -= 1;
    return !sets.some((set) => set.every((each) => some.includes(each)));
  };
  return { count, lives: boundedLives(most)("", works, (each: string) => each) };
}

test("culprits: a suspect that is to blame is found in two lives", async () => {
  const { count, lives } = service([at(31)]);
  expect(await culprits(settings, at(31), lives)).toMatchObject({ items: at(31), complete: true });
  expect(count).toMatchObject({ lives: 2, atOnce: 2 });
});

test("culprits: of several suspects the one to blame is found among them", async () => {
  const { count, lives } = service([at(31)]);
  expect(await culprits(settings, at(4, 31, 40), lives)).toMatchObject({ items: at(31), complete: true });
  expect(count.lives).toBeLessThanOrEqual(4);
});

test("culprits: innocent suspects cost two lives, and halving begins", async () => {
  const { count, lives } = service([at(7)]);
  expect(await culprits(settings, at(31), lives)).toMatchObject({ items: at(7), complete: true });
  expect(count.lives).toBeLessThanOrEqual(9);
});

test("culprits: two in different halves are found side by side", async () => {
  const { count, lives } = service([at(7), at(40)]);
  expect(await culprits(settings, [], lives)).toMatchObject({ items: at(7, 40), complete: true });
  expect(count.lives).toBeLessThanOrEqual(12);
  expect(count.atOnce).toBe(2);
});

test("culprits: of two that break it only together the last is to blame, with the other before it", async () => {
  const { lives } = service([at(7, 40)]);
  const found = await culprits(settings, [], lives);
  expect(found).toMatchObject({ items: at(40), complete: true });
  expect(found.broke).toEqual(expect.arrayContaining([...at(7, 40)]));
});

test("culprits: what was spent too early is blamed together, and that is said", async () => {
  const { count, lives } = service([at(7)], 5);
  const found = await culprits(settings, [], lives);
  expect(found.complete).toBe(false);
  expect(found.items).toContain(at(7)[0]);
  expect(found.items.length).toBeLessThan(8);
  expect(count.lives).toBe(5);
});

test("culprits: without a life left, what is not known to work is blamed", async () => {
  const { lives } = service([at(47)], 1);
  expect(await lives.ask(settings.slice(0, 40))).toBe(true);
  const found = await culprits(settings, [], lives);
  expect(found).toMatchObject({ items: settings.slice(40), complete: false });
});

test("culprits: taking the blamed away again and again mends it, in twelve lives in all", async () => {
  const some = fc.uniqueArray(fc.constantFrom(...settings), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 4 }), some, async (sets, suspects) => {
      const { count, lives } = service(sets);
      let left: readonly string[] = settings;
      for (let round = 0; round < 8 && sets.some((set) => set.every((each) => left.includes(each))); round += 1) {
        const { items, complete, broke } = await culprits(
          left,
          suspects.filter((each) => left.includes(each)),
          lives,
        );
        expect(sets.some((set) => set.every((each) => broke.includes(each)))).toBe(true);
        if (complete) {
          expect(items.filter((each) => !sets.some((set) => set.includes(each)))).toEqual([]);
        }
        left = left.filter((each) => !items.includes(each));
      }
      expect(sets.filter((set) => set.every((each) => left.includes(each)))).toEqual([]);
      expect(count.lives).toBeLessThanOrEqual(12);
    }),
  );
});

test("lives: what is known is not tried again, and under other circumstances nothing is known", async () => {
  let tried = 0;
  const works = async (some: readonly string[]): Promise<boolean> => {
    tried += 1;
    return !some.includes("b");
  };
  const livesOf = boundedLives(4);
  const one = livesOf("one", works, (each: string) => each);
  expect([await one.ask(["a", "c"]), await one.ask(["b"])]).toEqual([true, false]);
  expect([await one.ask(["a"]), await one.ask(["b", "c"])]).toEqual([true, false]);
  expect(tried).toBe(2);
  expect(await livesOf("other", works, (each: string) => each).ask(["a"])).toBe(true);
  expect(tried).toBe(3);
  expect([await one.askAgain(["a"]), await one.askAgain(["a"])]).toEqual([true, undefined]);
  expect(one.best(["a", "b", "c"])).toEqual(["a", "c"]);
});

test("lives: one that fails to be had is thrown when all others have ended", async () => {
  let ended = 0;
  const works = async ([item]: readonly string[]): Promise<boolean> => {
    if (item === "a") {
      throw new Error("no box");
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    ended += 1;
    return true;
  };
  const lives = boundedLives(12)("", works, (each: string) => each);
  await expect(culprits(["a", "b"], [], lives)).rejects.toThrow("no box");
  expect(ended).toBe(1);
});
