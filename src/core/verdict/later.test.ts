/** What is concluded of an attack that was tried three times. */
import { describe, expect, test } from "vitest";
import type { Conclusion } from "./conclude.ts";
import { overTime } from "./later.ts";

const stopped: Conclusion = {
  ...{ control: "passed", predicted: "denied", outcome: "holds", open: false },
  ...{ reason: "stopped by A=1", stoppedBy: [], evidence: "open = EACCES" },
};
const open: Conclusion = {
  ...{ control: "passed", predicted: "allowed", outcome: "holds", open: true },
  ...{ reason: "no wall", evidence: "open = 3" },
};
const violated: Conclusion = { ...stopped, outcome: "violated", reason: "got through A=1", evidence: "open = 4" };
const unknown: Conclusion = { ...open, outcome: "unknown", open: false, reason: "who knows" };

describe("overTime", () => {
  test("what is stopped each time is stopped", () => {
    expect(overTime({ first: stopped, after: stopped, anew: stopped })).toEqual({
      ...stopped,
      later: { after: "stopped", anew: "stopped" },
    });
  });

  test("a wall that falls as predicted holds as predicted, and that it fell is told", () => {
    const result = overTime({ first: stopped, after: open, anew: stopped });
    expect(result).toEqual({ ...stopped, later: { after: "through", anew: "stopped" } });
  });

  test("a wall that falls and should not is violated, with when, and with the evidence of that time", () => {
    expect(overTime({ first: stopped, after: violated, anew: stopped })).toMatchObject({
      outcome: "violated",
      reason: "after a month's events: got through A=1",
      evidence: "open = 4",
      later: { after: "through", anew: "stopped" },
    });
    expect(overTime({ first: unknown, after: stopped, anew: violated })).toMatchObject({
      outcome: "violated",
      reason: "after a second start: got through A=1",
    });
  });

  test("a doubt at any time is a doubt", () => {
    expect(overTime({ first: open, after: open, anew: unknown })).toMatchObject({
      outcome: "unknown",
      open: false,
      reason: "after a second start: who knows",
      later: { after: "through", anew: "unknown" },
    });
  });

  test("what could not be tried takes nothing from what was", () => {
    expect(overTime({ first: stopped, anew: stopped })).toEqual({
      ...stopped,
      later: { after: "untried", anew: "stopped" },
    });
  });
});
