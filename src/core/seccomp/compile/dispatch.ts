/**
 * Comparison trees: finding a word's interval with `>=` and `==` tests. Dynamic programming over runs of intervals,
 * O(n³): a run is split by `>=`, or its heaviest single value is taken out by `==`, or what is left has one target
 * apart from single values, which are tested in a row. Exact on nearly all inputs (the test beside this file compares
 * it with an exhaustive search). Literature: Chrobak and others, two-way comparison search trees.
 */

/** One interval: where it begins, whether it is a single value, its target and how often it is looked up. */
export interface Segment {
  readonly from: number;
  readonly single: boolean;
  readonly target: number;
  readonly weight: number;
}

/** A tree of tests: `at-least` goes to `yes` from `value` upwards, `equal` at `value` alone. */
export type Tree =
  | { readonly kind: "leaf"; readonly target: number }
  | { readonly kind: "at-least" | "equal"; readonly value: number; readonly yes: Tree; readonly no: Tree };

/** The most single values that are taken out of a run before it is split. */
const MOST_HOLES = 5;
/** The most single values that are tested in a row. */
const LONGEST_CHAIN = 24;

/** How a state is resolved. */
type Choice =
  | { readonly kind: "uniform"; readonly target: number }
  | { readonly kind: "split"; readonly at: number; readonly below: number; readonly above: number }
  | { readonly kind: "hole"; readonly single: number }
  | { readonly kind: "chain"; readonly target: number; readonly singles: readonly number[] };

interface State {
  readonly cost: number;
  readonly choice: Choice;
}

interface Search {
  readonly segments: readonly Segment[];
  /** What one test costs besides its runs. */
  readonly perTest: number;
  /** The cost (infinite if there is no way) and choice of each solved state. */
  readonly costs: Float64Array;
  readonly choices: (Choice | undefined)[];
  /** Sums of weights before each segment. */
  readonly sums: readonly number[];
  /** Each segment's rank among the single values, heaviest first. */
  readonly ranks: readonly number[];
  /** The heaviest single segments of each run, as far as they are known. */
  readonly heavy: (readonly number[] | undefined)[];
}

function keyOf(search: Search, from: number, to: number, holes: number): number {
  const { length } = search.segments;
  return (from * length + to) * (MOST_HOLES + 1) + holes;
}

/** The MOST_HOLES heaviest single segments of a run, from those of the run one segment shorter and its last segment. */
function heavyOf(search: Search, from: number, to: number): readonly number[] {
  if (to < from) {
    return [];
  }
  const key = from * search.segments.length + to;
  const known = search.heavy[key];
  if (known !== undefined) {
    return known;
  }
  const before = heavyOf(search, from, to - 1);
  const rank = search.ranks[to] ?? Number.POSITIVE_INFINITY;
  const place = before.findIndex((single) => (search.ranks[single] ?? 0) > rank);
  const found = search.segments[to]?.single !== true ? before : insert(before, place, to);
  search.heavy[key] = found;
  return found;
}

function insert(sorted: readonly number[], place: number, value: number): readonly number[] {
  return sorted.toSpliced(place < 0 ? sorted.length : place, 0, value).slice(0, MOST_HOLES);
}

function weightOf(search: Search, from: number, to: number, holes: readonly number[]): number {
  const whole = (search.sums[to + 1] ?? 0) - (search.sums[from] ?? 0);
  return holes.reduce((left, place) => left - (search.segments[place]?.weight ?? 0), whole);
}

/** What is left of a run: the target of all that is not a single value ("mixed": several), and the single values. */
interface Rest {
  readonly background: number | undefined | "mixed";
  readonly singles: readonly number[];
}

function restOf(search: Search, from: number, to: number, holes: readonly number[]): Rest {
  let background: number | undefined;
  const singles: number[] = [];
  for (let place = from; place <= to; place += 1) {
    const segment = search.segments[place];
    if (segment === undefined || holes.includes(place)) {
      continue;
    }
    if (segment.single) {
      singles.push(place);
    } else if (background === undefined || background === segment.target) {
      background = segment.target;
    } else {
      return { background: "mixed", singles };
    }
  }
  return { background, singles };
}

/** The target of the greatest total weight among the single values. */
function heaviestTarget(search: Search, singles: readonly number[]): number | undefined {
  const sums = new Map<number, number>();
  for (const place of singles) {
    const { target, weight } = search.segments[place] ?? { target: 0, weight: 0 };
    sums.set(target, (sums.get(target) ?? 0) + weight + 1e-9);
  }
  let best: number | undefined;
  for (const [target, sum] of sums) {
    if (best === undefined || sum > (sums.get(best) ?? 0)) {
      best = target;
    }
  }
  return best;
}

/** What is left has one target, apart from some single values. */
function chainOf(search: Search, from: number, to: number, holes: readonly number[]): State | undefined {
  const { background, singles } = restOf(search, from, to, holes);
  if (background === "mixed") {
    return undefined;
  }
  const target = background ?? heaviestTarget(search, singles) ?? search.segments[from]?.target ?? 0;
  const weightAt = (place: number): number => search.segments[place]?.weight ?? 0;
  const others = singles.filter((place) => search.segments[place]?.target !== target);
  if (others.length === 0) {
    return { cost: 0, choice: { kind: "uniform", target } };
  }
  if (others.length > LONGEST_CHAIN) {
    return undefined;
  }
  const ordered = others.sort((a, b) => weightAt(b) - weightAt(a) || a - b);
  let left = weightOf(search, from, to, holes);
  let cost = ordered.length * search.perTest;
  for (const place of ordered) {
    cost += left;
    left -= weightAt(place);
  }
  return { cost, choice: { kind: "chain", target, singles: ordered } };
}

function better(a: State | undefined, b: State | undefined): State | undefined {
  if (a === undefined || b === undefined) {
    return a ?? b;
  }
  return b.cost < a.cost - 1e-9 ? b : a;
}

/** Cuts a run in two at each segment. */
function splitOf(search: Search, from: number, to: number, holes: readonly number[]): State | undefined {
  const own = weightOf(search, from, to, holes) + search.perTest;
  const { costs } = search;
  let best: { cost: number; at: number; below: number; above: number } | undefined;
  for (let at = from + 1; at <= to; at += 1) {
    let below = 0;
    for (const place of holes) {
      if (place < at) {
        below += 1;
      }
    }
    const above = holes.length - below;
    // A part that is all holes is never reached.
    if (below === at - from || above === to + 1 - at) {
      continue;
    }
    const left = costs[keyOf(search, from, at - 1, below)] ?? Number.POSITIVE_INFINITY;
    const cost = own + left + (costs[keyOf(search, at, to, above)] ?? Number.POSITIVE_INFINITY);
    if (best === undefined || cost < best.cost - 1e-9) {
      best = { cost, at, below, above };
    }
  }
  if (best === undefined) {
    return undefined;
  }
  const { cost, at, below, above } = best;
  return { cost, choice: { kind: "split", at, below, above } };
}

/** Takes the next heaviest single value out of a run. */
function holeOf(search: Search, from: number, to: number, count: number): State | undefined {
  const heavy = heavyOf(search, from, to);
  const single = heavy[count];
  if (single === undefined || count + 1 >= to - from + 1) {
    return undefined;
  }
  const rest = search.costs[keyOf(search, from, to, count + 1)] ?? Number.POSITIVE_INFINITY;
  const own = weightOf(search, from, to, heavy.slice(0, count)) + search.perTest;
  return { cost: own + rest, choice: { kind: "hole", single } };
}

function solveRun(search: Search, from: number, to: number): void {
  const heavy = heavyOf(search, from, to);
  for (let count = Math.min(heavy.length, to - from); count >= 0; count -= 1) {
    const holes = heavy.slice(0, count);
    const chain = chainOf(search, from, to, holes);
    const rest = chain?.choice.kind === "uniform" ? undefined : splitOf(search, from, to, holes);
    const state = better(
      better(chain, rest),
      chain?.choice.kind === "uniform" ? undefined : holeOf(search, from, to, count),
    );
    if (state === undefined) {
      continue;
    }
    search.costs[keyOf(search, from, to, count)] = state.cost;
    search.choices[keyOf(search, from, to, count)] = state.choice;
  }
}

function treeOf(search: Search, from: number, to: number, holes: number): Tree {
  const choice = search.choices[keyOf(search, from, to, holes)];
  const segment = (place: number): Segment =>
    search.segments[place] ?? { from: 0, single: false, target: 0, weight: 0 };
  switch (choice?.kind) {
    case undefined:
      return { kind: "leaf", target: segment(from).target };
    case "uniform":
      return { kind: "leaf", target: choice.target };
    case "split": {
      const yes = treeOf(search, choice.at, to, choice.above);
      return {
        kind: "at-least",
        value: segment(choice.at).from,
        yes,
        no: treeOf(search, from, choice.at - 1, choice.below),
      };
    }
    case "hole": {
      const { from: value, target } = segment(choice.single);
      return { kind: "equal", value, yes: { kind: "leaf", target }, no: treeOf(search, from, to, holes + 1) };
    }
    case "chain":
      return choice.singles.reduceRight<Tree>(
        (no, place) => {
          const { from: value, target } = segment(place);
          return { kind: "equal", value, yes: { kind: "leaf", target }, no };
        },
        { kind: "leaf", target: choice.target },
      );
  }
}

/** The time of the search grows with the cube of the run's length. */
const LONGEST_RUN = 160;

function halved(segments: readonly Segment[], perTest: number, longestRun: number): Tree {
  const total = segments.reduce((sum, { weight }) => sum + weight, 0) + segments.length;
  let [half, sum] = [1, 0];
  for (const [place, { weight }] of segments.entries()) {
    sum += weight + 1;
    half = Math.min(Math.max(place, 1), segments.length - 1);
    if (sum * 2 >= total) {
      break;
    }
  }
  const [below, above] = [segments.slice(0, half), segments.slice(half)];
  const value = above[0]?.from ?? 0;
  const [yes, no] = [dispatch(above, perTest, longestRun), dispatch(below, perTest, longestRun)];
  return { kind: "at-least", value, yes, no };
}

/**
 * The cheapest tree found for segments in ascending order that cover all values. `perTest` is what one more test in the
 * program may cost in runs: large for the smallest program, small for the fastest. More segments than `longestRun` are
 * halved by weight first.
 */
export function dispatch(segments: readonly Segment[], perTest: number, longestRun: number = LONGEST_RUN): Tree {
  if (segments.length > longestRun) {
    return halved(segments, perTest, longestRun);
  }
  const sums = [0];
  for (const { weight } of segments) {
    sums.push((sums.at(-1) ?? 0) + weight);
  }
  const singles = segments.map((_, place) => place).filter((place) => segments[place]?.single === true);
  const weightAt = (place: number): number => segments[place]?.weight ?? 0;
  const ranks: number[] = [];
  for (const [rank, place] of singles.sort((a, b) => weightAt(b) - weightAt(a) || a - b).entries()) {
    ranks[place] = rank;
  }
  const size = segments.length ** 2 * (MOST_HOLES + 1);
  const costs = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const choices: (Choice | undefined)[] = new Array(size).fill(undefined);
  const search: Search = { segments, perTest, costs, choices, sums, ranks, heavy: [] };
  for (let length = 1; length <= segments.length; length += 1) {
    for (let from = 0; from + length <= segments.length; from += 1) {
      solveRun(search, from, from + length - 1);
    }
  }
  return treeOf(search, 0, segments.length - 1, 0);
}
