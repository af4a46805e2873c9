/**
 * The best that a comparison tree can do: a lower bound by entropy, and the cheapest tree of a search far wider than
 * that of `dispatch.ts`. It is for judging a result, not for making one: it takes seconds.
 */
import type { Segment } from "./dispatch.ts";

/**
 * A lower bound on the expected number of tests in any tree of `>=` and `==` tests: the entropy of its leaves.
 * Intervals of one target can share a leaf only if nothing but single values lies between them; here all that can
 * share, do.
 */
export function fewestTests(segments: readonly Segment[]): number {
  const total = segments.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) {
    return 0;
  }
  const sums: number[] = [];
  let open = new Map<number, number>();
  for (const { single, target, weight } of segments) {
    if (!single) {
      open = new Map([...open].filter(([other]) => other === target));
    }
    const place = open.get(target) ?? sums.length;
    sums[place] = (sums[place] ?? 0) + weight;
    open.set(target, place);
  }
  return sums.reduce((sum, weight) => (weight > 0 ? sum - (weight / total) * Math.log2(weight / total) : sum), 0);
}

/** Any combination of a run's heaviest single values, up to this many of them, may be missing. */
const CANDIDATES = 5;

interface Search {
  readonly segments: readonly Segment[];
  readonly sums: readonly number[];
  readonly ranked: readonly number[];
  /** By run and set of missing values (bits, by their place in `candidates`), the expected tests. */
  readonly costs: Map<number, Float64Array>;
  readonly candidates: Map<number, readonly number[]>;
}

function candidatesOf(search: Search, from: number, to: number): readonly number[] {
  const key = from * search.segments.length + to;
  const known = search.candidates.get(key);
  if (known !== undefined) {
    return known;
  }
  const found = search.ranked.filter((place) => place >= from && place <= to).slice(0, CANDIDATES);
  search.candidates.set(key, found);
  return found;
}

function missing(candidates: readonly number[], set: number): readonly number[] {
  return candidates.filter((_, bit) => ((set >> bit) & 1) === 1);
}

/** The same missing values as a set over the candidates of a part; each is a candidate there too. */
function setIn(candidates: readonly number[], gone: readonly number[], from: number, to: number): number {
  let set = 0;
  for (const place of gone) {
    if (place >= from && place <= to) {
      set |= 1 << candidates.indexOf(place);
    }
  }
  return set;
}

/** The expected tests if what is left has one target apart from single values; otherwise infinite. */
function inARow(search: Search, from: number, to: number, gone: readonly number[], weight: number): number {
  const left: number[] = [];
  for (let place = from; place <= to; place += 1) {
    if (!gone.includes(place)) {
      left.push(place);
    }
  }
  const segmentAt = (place: number): Segment =>
    search.segments[place] ?? { from: 0, single: false, target: 0, weight: 0 };
  const wide = new Set(left.filter((place) => !segmentAt(place).single).map((place) => segmentAt(place).target));
  if (wide.size > 1) {
    return Number.POSITIVE_INFINITY;
  }
  const targets = wide.size === 1 ? wide : new Set(left.map((place) => segmentAt(place).target));
  let best = targets.size === 0 ? 0 : Number.POSITIVE_INFINITY;
  for (const target of targets) {
    const others = left.map(segmentAt).filter((each) => each.target !== target);
    let [cost, rest] = [0, weight];
    for (const each of others.sort((a, b) => b.weight - a.weight)) {
      cost += rest;
      rest -= each.weight;
    }
    best = Math.min(best, cost);
  }
  return best;
}

function bySplit(search: Search, from: number, to: number, gone: readonly number[]): number {
  const { length } = search.segments;
  let best = Number.POSITIVE_INFINITY;
  for (let at = from + 1; at <= to; at += 1) {
    const [below, above] = [candidatesOf(search, from, at - 1), candidatesOf(search, at, to)];
    const left = search.costs.get(from * length + at - 1)?.[setIn(below, gone, from, at - 1)] ?? best;
    const right = search.costs.get(at * length + to)?.[setIn(above, gone, at, to)] ?? best;
    best = Math.min(best, left + right);
  }
  return best;
}

function solve(search: Search, from: number, to: number): void {
  const candidates = candidatesOf(search, from, to);
  const costs = new Float64Array(1 << candidates.length).fill(Number.POSITIVE_INFINITY);
  const whole = (search.sums[to + 1] ?? 0) - (search.sums[from] ?? 0);
  for (let set = costs.length - 1; set >= 0; set -= 1) {
    const gone = missing(candidates, set);
    const weight = gone.reduce((left, place) => left - (search.segments[place]?.weight ?? 0), whole);
    let best = inARow(search, from, to, gone, weight);
    if (best > 0) {
      best = Math.min(best, weight + bySplit(search, from, to, gone));
      for (let bit = 0; bit < candidates.length; bit += 1) {
        if (((set >> bit) & 1) === 0) {
          best = Math.min(best, weight + (costs[set | (1 << bit)] ?? best));
        }
      }
    }
    costs[set] = best;
  }
  search.costs.set(from * search.segments.length + to, costs);
}

/** The expected number of tests of the cheapest tree of `>=` and `==` tests found, times the total weight. */
export function cheapestTests(segments: readonly Segment[]): number {
  const sums = [0];
  for (const { weight } of segments) {
    sums.push((sums.at(-1) ?? 0) + weight);
  }
  const weightAt = (place: number): number => segments[place]?.weight ?? 0;
  const singles = segments.map((_, place) => place).filter((place) => segments[place]?.single === true);
  const ranked = singles.sort((a, b) => weightAt(b) - weightAt(a) || a - b);
  const search: Search = { segments, sums, ranked, costs: new Map(), candidates: new Map() };
  for (let length = 1; length <= segments.length; length += 1) {
    for (let from = 0; from + length <= segments.length; from += 1) {
      solve(search, from, from + length - 1);
    }
  }
  return search.costs.get(segments.length - 1)?.[0] ?? 0;
}
