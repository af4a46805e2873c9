/** The search for comparison trees against an exhaustive one. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { dispatch, type Segment, type Tree } from "./dispatch.ts";
import { cheapestTests, fewestTests } from "./optimum.ts";

/** Tries every possible tree over sets of segments: the expected tests of the best one. */
function exhaustive(segments: readonly Segment[]): number {
  const memo = new Map<number, number>();
  const best = (set: number): number => {
    const known = memo.get(set);
    if (known !== undefined) {
      return known;
    }
    const places = segments.map((_, place) => place).filter((place) => (set >> place) & 1);
    const targets = new Set(places.map((place) => segments[place]!.target));
    let found = targets.size <= 1 ? 0 : Number.POSITIVE_INFINITY;
    if (targets.size > 1) {
      const weight = places.reduce((sum, place) => sum + segments[place]!.weight, 0);
      for (const cut of places.slice(1)) {
        const above = places.filter((place) => place >= cut).reduce((bits, place) => bits | (1 << place), 0);
        found = Math.min(found, weight + best(set & ~above) + best(above));
      }
      for (const place of places) {
        if (segments[place]!.single) {
          found = Math.min(found, weight + best(set & ~(1 << place)));
        }
      }
    }
    memo.set(set, found);
    return found;
  };
  return best((1 << segments.length) - 1);
}

/** Where a tree leads a value, and after how many tests. */
function run(tree: Tree, value: number): { target: number; tests: number } {
  let [at, tests] = [tree, 0];
  while (at.kind !== "leaf") {
    at = (at.kind === "equal" ? value === at.value : value >= at.value) ? at.yes : at.no;
    tests += 1;
  }
  return { target: at.target, tests };
}

function cost(tree: Tree, segments: readonly Segment[]): number {
  return segments.reduce((sum, { from, weight }) => sum + weight * run(tree, from).tests, 0);
}

/** Neighbours have different targets, as maximal intervals do; half of the segments are single values. */
const segments: fc.Arbitrary<readonly Segment[]> = fc
  .array(fc.record({ step: fc.nat({ max: 2 }), single: fc.boolean(), weight: fc.nat({ max: 30 }) }), {
    minLength: 1,
    maxLength: 10,
  })
  .map((list) => {
    let [from, target] = [0, 0];
    return list.map(({ step, single, weight }) => {
      target = (target + 1 + step) % 4;
      const segment = { from, single, target, weight };
      from += single ? 1 : 5;
      return segment;
    });
  });

test("dispatch: every value goes where its segment says, ends of segments included", () => {
  fc.assert(
    fc.property(segments, fc.constantFrom(0, 0.01, 1000), (list, perTest) => {
      const tree = dispatch(list, perTest);
      for (const { from, single, target } of list) {
        for (const value of single ? [from] : [from, from + 1, from + 4]) {
          expect(run(tree, value).target).toBe(target);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("dispatch, cheapestTests, fewestTests: between the bound and the best tree of all there is, and on the whole as good", () => {
  let [ours, all] = [0, 0];
  fc.assert(
    fc.property(segments, (list) => {
      const best = exhaustive(list);
      const found = cost(dispatch(list, 0), list);
      const optimum = cheapestTests(list);
      const total = list.reduce((sum, { weight }) => sum + weight, 0);
      expect(found).toBeGreaterThanOrEqual(best - 1e-6);
      expect(optimum).toBeCloseTo(best, 6);
      expect(fewestTests(list) * total).toBeLessThanOrEqual(best + 1e-6);
      ours += found;
      all += best;
    }),
    { numRuns: 300 },
  );
  expect(ours / all).toBeLessThan(1.005);
});
