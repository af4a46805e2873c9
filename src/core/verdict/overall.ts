/** The verdict of `harden` and `attack` over all attacks and the workload; their exit status follows from it. */
import type { AttackReport } from "./result.ts";

/** The verdicts, worst first. */
export const RUN_VERDICTS = ["violated", "unknown", "open", "holds"] as const;

/**
 * `violated`: a wall does not hold, or the workload fails behind the walls. `unknown`: an attack could not be decided, the
 * workload does not pass every time, or nothing was tried. `open`: all as predicted, but the machine can be taken over, at once, from
 * where another attack leads, or once a file that a wall stands on is replaced. `holds`: all as predicted, and no known way leads there.
 */
export type RunVerdict = (typeof RUN_VERDICTS)[number];

/** How the workload went: behind the walls, and whether it passes every time. */
export interface Worked {
  readonly behindWalls: "pass" | "fail";
  readonly everyTime: boolean;
}

/** The first verdict that applies. `worked` is undefined where no workload was run behind the walls. */
export function verdictOf(
  { results, goals }: Pick<AttackReport, "results" | "goals">,
  worked: Worked | undefined,
): RunVerdict {
  const outcomes = results.map(({ outcome }) => outcome);
  if (worked?.behindWalls === "fail" || outcomes.includes("violated")) {
    return "violated";
  }
  if (worked?.everyTime === false || outcomes.length === 0 || outcomes.includes("unknown")) {
    return "unknown";
  }
  const later = results.some(({ until, goals: reached }) => until !== undefined && reached.includes("take-over"));
  return later || goals.some(({ goal, state }) => goal === "take-over" && state === "open") ? "open" : "holds";
}
