/** What a report comes to: the verdict, the attacks grouped, the word for an exposure. Shared by text and page. */

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
  const reasons = ended.map(({ reason }) => reason);
  if (ending !== "stopped") return [...new Set(reasons)].join("; ");
  const [first = [], ...others] = ended.map(({ stoppedBy }) => stoppedBy ?? []);
  const everywhere = first.filter((wall) => others.every((walls) => walls.includes(wall)));
  if (everywhere.length > 0) return everywhere.join(", ");
  return [...new Set(reasons.map((reason) => reason.replace(/^stopped by /, "")))].join("; ");
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
    : tried.filter((attack) => attack.results.some((result) => result.before === "through")).length;
}

/** How many attacks get through now: violated or by a door. */
export function throughAfter(attacks: readonly AttackResults[]): number {
  return attacks.filter((attack) => attack.ending === "violated" || attack.ending === "open").length;
}

/**
 * The verdict over all: `violated` when a wall does not hold or the workload fails behind the walls, `unknown` when
 * something that was tried could not be decided, the workload does not pass every time, or nothing was tried, else `holds`.
 */
export function verdictOf(report: Report): "holds" | "violated" | "unknown" {
  const outcomes = report.probes.map((probe) => probe.outcome);
  if (report.workload.after === "fail" || outcomes.includes("violated")) {
    return "violated";
  }
  const flaky = (report.flaky ?? []).length > 0;
  return flaky || outcomes.length === 0 || outcomes.includes("unknown") ? "unknown" : "holds";
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

/** One sentence on the whole result: what a person reads first. */
export function headline(report: Report): string {
  if (report.workload.before === "fail") {
    return "The workload failed before anything was changed.";
  }
  const works =
    report.workload.after === "pass" ? "The workload still passes" : "The workload fails behind these walls";
  const attacks = attacksOf(report.probes);
  if (attacks.length === 0) {
    return `${works}. No attack was tried.`;
  }
  const count = tally(attacks);
  const parts = [
    `${count.stopped} of ${plural(attacks.length, "attack")} ${count.stopped === 1 ? "is" : "are"} stopped`,
    count.open > 0 ? `${count.open} ${count.open === 1 ? "passes" : "pass"} through a known door` : "",
    count.unknown > 0 ? `${count.unknown} could not be decided` : "",
    count.violated > 0
      ? `${count.violated} ${count.violated === 1 ? "gets" : "get"} through a wall that should hold`
      : "",
  ];
  return `${works}. ${parts.filter((part) => part !== "").join(", ")}.`;
}
