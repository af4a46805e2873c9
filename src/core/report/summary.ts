/** What a report comes to, in words: the verdict, the attacks grouped, the word for an exposure. Shared by text and page. */

import { originText, type WallOrigin } from "../sandbox/origin.ts";
import { originsText } from "../verdict/conclude.ts";
import type { GoalResult } from "../verdict/goals.ts";
import type { Later } from "../verdict/later.ts";
import type { RunVerdict } from "../verdict/overall.ts";
import type { ProbeResult } from "../verdict/result.ts";
import type { Report } from "./report.ts";

/** How an attack ended, worst first: `violated` and `unknown` as in the report; `open`: through by a known door; `stopped`. */
export type Ending = "violated" | "unknown" | "open" | "stopped";

/** All endings, worst first: the order in which they are shown. */
export const ENDINGS: readonly Ending[] = ["violated", "unknown", "open", "stopped"];

/** One attack with its result for each identity that tried it; `ending` is the worst of them. */
export interface AttackResults {
  readonly id: string;
  readonly title: string;
  readonly ending: Ending;
  readonly results: readonly ProbeResult[];
}

/** How one result ended. */
export function endingOf(result: ProbeResult): Ending {
  if (result.outcome !== "holds") {
    return result.outcome;
  }
  return result.open ? "open" : "stopped";
}

/** The results grouped by attack, worst ending first, else in the order of the report. */
export function attacksOf(probes: readonly ProbeResult[]): readonly AttackResults[] {
  const byId = new Map<string, ProbeResult[]>();
  for (const probe of probes) {
    const results = byId.get(probe.id);
    if (results === undefined) {
      byId.set(probe.id, [probe]);
    } else {
      results.push(probe);
    }
  }
  const attacks = [...byId].map(([id, results]) => ({
    id,
    title: results[0]?.title ?? id,
    ending: worst(results.map(endingOf)),
    results,
  }));
  return attacks.toSorted((a, b) => ENDINGS.indexOf(a.ending) - ENDINGS.indexOf(b.ending));
}

function worst(endings: readonly Ending[]): Ending {
  return ENDINGS.find((ending) => endings.includes(ending)) ?? "unknown";
}

/**
 * Why an attack ended as it did, each reason once. Of a stopped one the walls alone, since that it is stopped is said: those
 * that stop it as whoever it was tried, or else those of each identity.
 */
export function reasonsOf({ ending, results }: AttackResults): string {
  const ended = results.filter((result) => endingOf(result) === ending);
  if (ending !== "stopped") {
    return [...new Set(ended.map(({ reason }) => reason))].join("; ");
  }
  const until = [...new Set(ended.flatMap((result) => result.until ?? []))];
  const fell = ended.some(({ until: files, later }) => files !== undefined && later?.after === "through");
  const seen = fell ? ": then it was seen to get through" : "";
  const fall = until.length === 0 ? "" : ` (until another file comes to ${until.join(" or ")}${seen})`;
  const [first = [], ...others] = ended.map(({ stoppedBy = [] }) => stoppedBy);
  const sameIn = (origin: WallOrigin, origins: readonly WallOrigin[]): boolean =>
    origins.some((other) => originText(other) === originText(origin));
  const everywhere = first.filter((origin) => others.every((origins) => sameIn(origin, origins)));
  if (everywhere.length > 0) {
    return `${originsText(everywhere)}${fall}`;
  }
  return `${[...new Set(ended.map(({ stoppedBy = [] }) => originsText(stoppedBy)))].join("; ")}${fall}`;
}

/**
 * What stopped an attack already on the unit as it was, for those identities for which it is stopped now; undefined where
 * it was not stopped for each of them, or was not tried.
 */
export function stoppedBefore({ ending, results }: AttackResults): string | undefined {
  if (ending !== "stopped") {
    return undefined;
  }
  const earlier = results.flatMap(({ before }) => (before?.kind === "stopped" ? [originsText(before.by)] : []));
  return earlier.length === results.length ? [...new Set(earlier)].join("; ") : undefined;
}

/** How many attacks ended in each way. */
export function tally(attacks: readonly AttackResults[]): Readonly<Record<Ending, number>> {
  const count = (ending: Ending): number => attacks.filter((attack) => attack.ending === ending).length;
  return { violated: count("violated"), unknown: count("unknown"), open: count("open"), stopped: count("stopped") };
}

/** How many attacks got through as at least one identity on the unit as it was; undefined when none was tried there. */
export function throughBefore(attacks: readonly AttackResults[]): number | undefined {
  const tried = attacks.filter((attack) => attack.results.some((result) => result.before !== undefined));
  return tried.length === 0
    ? undefined
    : tried.filter((attack) => attack.results.some((result) => result.before?.kind === "through")).length;
}

/** How many attacks get through now: violated or by a door. */
export function throughAfter(attacks: readonly AttackResults[]): number {
  return attacks.filter((attack) => attack.ending === "violated" || attack.ending === "open").length;
}

/** How many attacks get through as at least one identity when they are tried again, and how many could not be tried. */
export interface LaterCount {
  readonly after: number;
  readonly anew: number;
  readonly untried: number;
}

/** The count of those that were tried again; undefined when none was. */
export function laterCount(attacks: readonly AttackResults[]): LaterCount | undefined {
  const count = (has: (later: Later) => boolean): number =>
    attacks.filter(({ results }) => results.some(({ later }) => later !== undefined && has(later))).length;
  return count(() => true) === 0
    ? undefined
    : {
        after: count(({ after }) => after === "through"),
        anew: count(({ anew }) => anew === "through"),
        untried: count(({ after }) => after === "untried"),
      };
}

/** The same in words: how many pass behind the walls as they stand after a month. */
export function laterText({ after, untried }: LaterCount): string {
  return untried === 0 ? String(after) : `${after}, and ${untried} could not be tried`;
}

/**
 * The word of `systemd-analyze security` for an exposure (systemd 257, measured and systemd-analyze(1)).
 *
 * @example
 * import { exposureWord } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual([9.4, 1.4, 0.9].map(exposureWord), ["UNSAFE", "OK", "SAFE"]);
 */
export function exposureWord(exposure: number): string {
  const tenths = Math.round(exposure * 10);
  return WORDS.find(([least]) => tenths >= least)?.[1] ?? "PERFECT";
}

const WORDS: readonly (readonly [number, string])[] = [
  [100, "DANGEROUS"],
  [90, "UNSAFE"],
  [75, "EXPOSED"],
  [50, "MEDIUM"],
  [10, "OK"],
  [1, "SAFE"],
];

/** `1 door`, `2 doors`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** How a verdict is written, in capitals on a terminal, and how good it is. */
export const VERDICTS: Readonly<
  Record<RunVerdict, { readonly word: string; readonly tone: "good" | "warn" | "bad"; readonly means: string }>
> = {
  holds: { word: "Holds", tone: "good", means: "every attack ended as predicted" },
  open: { word: "Open", tone: "bad", means: "the machine can be taken over" },
  violated: { word: "Violated", tone: "bad", means: "something that should hold does not" },
  unknown: { word: "Not decided", tone: "warn", means: "so nothing is claimed" },
};

/** What all attacks came to, in one sentence without its full stop. */
export function attacksText(attacks: readonly AttackResults[]): string {
  if (attacks.length === 0) {
    return "No attack was tried";
  }
  const count = tally(attacks);
  const through = (one: string, many: string, number: number): string =>
    number === 0 ? "" : `${number} ${number === 1 ? one : many}`;
  const passing = attacks.filter(
    ({ ending, results }) => ending === "stopped" && results.some(({ until }) => until),
  ).length;
  const newly = newlyStopped(attacks);
  const parts = [
    `${count.stopped} of ${plural(attacks.length, "attack")} ${count.stopped === 1 ? "is" : "are"} stopped`,
    newly === undefined ? "" : `${newly === count.stopped ? "all" : newly} of them by the new walls`,
    passing === 0 ? "" : `${passing} only until a file is replaced`,
    `${through("gets", "get", count.open)}${count.open === 0 ? "" : " through a known door"}`,
    through("could not be decided", "could not be decided", count.unknown),
    `${through("gets", "get", count.violated)}${count.violated === 0 ? "" : " through a wall that should hold"}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** How many attacks are stopped that were not before; undefined when none was tried on the unit as it was. */
function newlyStopped(attacks: readonly AttackResults[]): number | undefined {
  const stopped = attacks.filter(({ ending }) => ending === "stopped");
  if (throughBefore(attacks) === undefined || stopped.length === 0) {
    return undefined;
  }
  return stopped.filter(({ results }) => results.some(({ before }) => before?.kind === "through")).length;
}

/** The attacks that reach a goal which is out of reach, once a file is replaced that a wall stands on. */
export function laterWays({ goal, state }: GoalResult, probes: readonly ProbeResult[]): readonly ProbeResult[] {
  const falls = ({ until, later }: ProbeResult): boolean => until !== undefined || later?.after === "through";
  return state === "closed" ? probes.filter((probe) => probe.goals.includes(goal) && falls(probe)) : [];
}

/** How many goals are open, in one sentence without its full stop; undefined where none was tried. */
function goalsText(goals: readonly GoalResult[], probes: readonly ProbeResult[]): string | undefined {
  const count = (state: GoalResult["state"]): number => goals.filter((goal) => goal.state === state).length;
  const [open, unknown, closed] = [count("open"), count("unknown"), count("closed")];
  if (open + unknown + closed === 0) {
    return undefined;
  }
  const later = goals.filter((goal) => laterWays(goal, probes).length > 0).length;
  const parts = [
    `${closed} of ${plural(open + unknown + closed, "goal")} of an intruder ${closed === 1 ? "is" : "are"} out of reach`,
    later === 0 ? "" : `${later} only until a file is replaced`,
    open === 0 ? "" : `${open} ${open === 1 ? "is" : "are"} not`,
    unknown === 0 ? "" : `${unknown} could not be decided`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** One sentence on the whole result: what a person reads first. */
export function headline(report: Report): string {
  if (report.workload.before === "fail") {
    return "The workload failed before anything was changed.";
  }
  const works =
    report.workload.after === "pass" ? "The workload still passes" : "The workload fails behind these walls";
  const goals = goalsText(report.goals, report.probes);
  return `${works}. ${goals === undefined ? "" : `${goals}. `}${attacksText(attacksOf(report.probes))}.`;
}
