/** The verdict over all attacks: the worst outcome decides, and a run that tried nothing is never a success. */
import { expect, test } from "vitest";
import type { GoalResult } from "./goals.ts";
import { verdictOf } from "./overall.ts";
import type { ProbeResult } from "./result.ts";

const stopped: ProbeResult = {
  ...{
    id: "a",
    title: "a",
    goals: ["pose"],
    identity: "0:0",
    control: "passed",
    predicted: "denied",
    outcome: "holds",
    open: false,
  },
  ...{ reason: "", evidence: "", stoppedBy: [] },
};
const open: ProbeResult = { ...stopped, predicted: "allowed", open: true };
const machine: ProbeResult = { ...open, goals: ["take-over"] };
const unknown: ProbeResult = { ...stopped, outcome: "unknown" };
const violated: ProbeResult = { ...machine, open: false, outcome: "violated" };

/** The goals of these results, where no attack leads any further. */
function goals(results: readonly ProbeResult[]): readonly GoalResult[] {
  const state = results.some(({ goals: reached, open: through }) => through && reached.includes("take-over"))
    ? "open"
    : "closed";
  return [{ goal: "take-over", title: "", state, ways: [] }];
}

const verdict = (results: readonly ProbeResult[], worked: Parameters<typeof verdictOf>[1]) =>
  verdictOf({ results, goals: goals(results) }, worked);

test("verdictOf: what leads to the machine by another attack leaves it open", () => {
  const reached: GoalResult = { goal: "take-over", title: "", state: "open", ways: [] };
  expect(verdictOf({ results: [stopped, open], goals: [reached] }, undefined)).toBe("open");
  expect(verdictOf({ results: [stopped, open], goals: [{ ...reached, goal: "pose" }] }, undefined)).toBe("holds");
});

test.each([
  [[], true, "unknown"],
  [[stopped], true, "holds"],
  [[stopped], undefined, "holds"],
  [[stopped, open], true, "holds"],
  [[stopped, open, machine], true, "open"],
  [[{ ...stopped, goals: ["take-over"] }], true, "holds"],
  [[{ ...stopped, goals: ["take-over"], until: ["/etc/passwd"] }], true, "open"],
  [[{ ...stopped, until: ["/etc/shadow"] }], true, "holds"],
  [[machine, unknown], true, "unknown"],
  [[unknown, violated], true, "violated"],
  [[stopped], false, "violated"],
  [[], false, "violated"],
] as const)("verdictOf: %#", (results, passes, expected) => {
  const worked =
    passes === undefined ? undefined : ({ behindWalls: passes ? "pass" : "fail", everyTime: true } as const);
  expect(verdict(results, worked)).toBe(expected);
});

test("verdictOf: a workload that fails by chance decides nothing, unless a wall is violated", () => {
  const worked = { behindWalls: "pass", everyTime: false } as const;
  expect(verdict([stopped], worked)).toBe("unknown");
  expect(verdict([machine], worked)).toBe("unknown");
  expect(verdict([violated], worked)).toBe("violated");
});
