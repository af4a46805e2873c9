/** The verdict over all attacks: the worst outcome decides, and a run that tried nothing is never a success. */
import { expect, test } from "vitest";
import { verdictOf } from "./overall.ts";
import type { ProbeResult } from "./result.ts";

const stopped: ProbeResult = {
  ...{ id: "a", title: "a", identity: "0:0", control: "passed", predicted: "denied", outcome: "holds", open: false },
  ...{ reason: "", evidence: "", stoppedBy: [] },
};
const open: ProbeResult = { ...stopped, predicted: "allowed", open: true };
const machine: ProbeResult = { ...open, gives: "machine" };
const unknown: ProbeResult = { ...stopped, outcome: "unknown" };
const violated: ProbeResult = { ...machine, open: false, outcome: "violated" };

test.each([
  [[], true, "unknown"],
  [[stopped], true, "holds"],
  [[stopped], undefined, "holds"],
  [[stopped, open], true, "holds"],
  [[stopped, open, machine], true, "open"],
  [[{ ...stopped, gives: "machine" }], true, "holds"],
  [[{ ...stopped, gives: "machine", until: ["/etc/passwd"] }], true, "open"],
  [[{ ...stopped, until: ["/etc/shadow"] }], true, "holds"],
  [[machine, unknown], true, "unknown"],
  [[unknown, violated], true, "violated"],
  [[stopped], false, "violated"],
  [[], false, "violated"],
] as const)("verdictOf: %#", (results, passes, verdict) => {
  const worked =
    passes === undefined ? undefined : ({ behindWalls: passes ? "pass" : "fail", everyTime: true } as const);
  expect(verdictOf(results, worked)).toBe(verdict);
});

test("verdictOf: a workload that fails by chance decides nothing, unless a wall is violated", () => {
  const worked = { behindWalls: "pass", everyTime: false } as const;
  expect(verdictOf([stopped], worked)).toBe("unknown");
  expect(verdictOf([machine], worked)).toBe("unknown");
  expect(verdictOf([violated], worked)).toBe("violated");
});
