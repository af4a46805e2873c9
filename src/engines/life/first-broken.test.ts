import { expect, test } from "vitest";
import type { Life, PhaseResult } from "./exercise.ts";
import { firstBroken } from "./first-broken.ts";

function phase(name: PhaseResult["phase"], more: Partial<PhaseResult> = {}): PhaseResult {
  return { phase: name, outcome: "passed", detail: "", seconds: 0.2, ...more };
}

const baseline: Life = [phase("start"), phase("workload"), phase("reload", { outcome: "absent" }), phase("stop")];

test("firstBroken: a phase that passed and fails; what failed or was absent before is not broken", () => {
  const life = [phase("start"), phase("workload", { outcome: "failed", detail: "exit status 1" }), phase("stop")];
  expect(firstBroken(baseline, life)).toBe(life[1]);
  expect(
    firstBroken(baseline, [phase("start"), phase("reload", { outcome: "failed" }), phase("stop")]),
  ).toBeUndefined();
});

test("firstBroken: a stop that waits in vain, but not one that is a little slower", () => {
  const slow = [phase("start"), phase("stop", { seconds: 90 })];
  expect(firstBroken(baseline, slow)).toMatchObject({
    phase: "stop",
    outcome: "failed",
    detail: "it took 90 s, and 0 s before",
  });
  expect(firstBroken(baseline, [phase("start"), phase("stop", { seconds: 4 })])).toBeUndefined();
  const long = [phase("stop", { seconds: 20 })];
  expect(firstBroken(long, [phase("stop", { seconds: 50 })])).toBeUndefined();
  expect(firstBroken(long, [phase("stop", { seconds: 70 })])).toMatchObject({ phase: "stop" });
});

test("firstBroken: children that are left behind, unless as many were before", () => {
  const left = [phase("start"), phase("workload", { unreaped: 2 }), phase("stop")];
  expect(firstBroken(baseline, left)?.detail).toBe("its main process does not wait for children that ended (2)");
  expect(firstBroken(left, left)).toBeUndefined();
});
