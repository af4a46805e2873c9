/** What an intruder can still reach, in words: shared by text and page. */
import { powers } from "../powers/catalogue.ts";
import type { GoalResult, GoalWay } from "../verdict/goals.ts";
import type { ProbeResult } from "../verdict/result.ts";
import { plural } from "./summary.ts";

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
  return goals.map(({ title, state, before, ways }) => ({
    title,
    state,
    before,
    how: state === "closed" || state === "untried" ? MEANS[state] : howText(ways, titles),
  }));
}

function howText(ways: readonly GoalWay[], titles: ReadonlyMap<string, string>): string {
  const texts = [...new Set(ways.map((way) => wayText(way, titles)))];
  const shown = texts.slice(0, MOST_WAYS);
  const left = texts.length - shown.length;
  return [...shown, ...(left === 0 ? [] : [`${plural(left, "more way")}`])].join("; ");
}

/** "change the mounts → write the machine's disks → plant a cron job". */
function wayText({ way, chain = [] }: GoalWay, titles: ReadonlyMap<string, string>): string {
  const name = (id: string): string => titles.get(id) ?? id;
  const steps = chain.map((link) => {
    const power = powers.find(({ id }) => id === link.power)?.title ?? link.power;
    return `${name(link.way)} (${power})`;
  });
  return [...steps, name(way)].join(" → ");
}
