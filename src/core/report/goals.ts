/** What an intruder can still reach, in words: shared by text and page. */
import type { GoalResult, GoalWay } from "../verdict/goals.ts";
import type { Link } from "../verdict/reachable.ts";
import type { ProbeResult } from "../verdict/result.ts";
import { laterWays, plural } from "./summary.ts";

/** One goal as it is shown. */
export interface GoalRow {
  readonly title: string;
  readonly state: GoalResult["state"];
  readonly before: GoalResult["before"];
  /** Of a goal that is open or undecided, how; else what that means. */
  readonly how: string;
}

const MOST_WAYS = 2;

/** Words for the states without a way. */
const MEANS = { closed: "out of reach", untried: "not tried: no target here" } as const;

/** The goals of a result, in their order. `probes`: the results of the attacks, for their titles. */
export function goalRows(goals: readonly GoalResult[], probes: readonly ProbeResult[]): readonly GoalRow[] {
  const titles = new Map(probes.map(({ id, title }) => [id, title]));
  return goals.map((goal) => {
    const { title, state, before, ways } = goal;
    const how = state === "closed" || state === "untried" ? MEANS[state] : howText(ways, titles);
    const later = [...new Set(laterWays(goal, probes).map((probe) => probe.title))];
    return {
      title,
      state,
      before,
      how: later.length === 0 ? how : `${how} until a file is replaced: ${someOf(later)}`,
    };
  });
}

/** The ways that need no other first, then for each chain what it leads to: the shortest that there is. */
function howText(ways: readonly GoalWay[], titles: ReadonlyMap<string, string>): string {
  const groups = new Map<string, Set<string>>();
  for (const { way, chain = [] } of ways.toSorted((a, b) => (a.chain?.length ?? 0) - (b.chain?.length ?? 0))) {
    const before = chainText(chain, titles);
    const group = groups.get(before) ?? new Set();
    groups.set(before, group.add(titles.get(way) ?? way));
  }
  const [[before, group] = ["", new Set<string>()]] = groups;
  return `${before === "" ? "" : `${before}, then `}${someOf([...group])}`;
}

function someOf(names: readonly string[]): string {
  const left = names.length - MOST_WAYS;
  return [...names.slice(0, MOST_WAYS), ...(left > 0 ? [plural(left, "more way")] : [])].join("; ");
}

/** "change the mounts", or of several "change the mounts, then write the disks". */
function chainText(chain: readonly Link[], titles: ReadonlyMap<string, string>): string {
  return chain.map(({ way }) => titles.get(way) ?? way).join(", then ");
}
