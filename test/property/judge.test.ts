/** Laws of the model, over random walls and actions. Tests src/core/sandbox. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { numberOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { loosened } from "../../src/core/sandbox/compare.ts";
import { judge, outcomeOf } from "../../src/core/sandbox/judge.ts";
import { originText, type WallOrigin } from "../../src/core/sandbox/origin.ts";
import type { Wall } from "../../src/core/sandbox/wall.ts";
import { evaluate, possible } from "../../src/core/seccomp/policy/evaluate.ts";
import { action, plainWall, policy, walls } from "./random-walls.ts";

const runs = { numRuns: 3000 };

test("judge: one more wall never lets through what was denied", () => {
  let denied = 0;
  fc.assert(
    fc.property(walls, plainWall, action, (some, more, act) => {
      if (judge({ walls: some }, act).kind !== "denied") {
        return;
      }
      denied += 1;
      expect(judge({ walls: [...some, more] }, act).kind).toBe("denied");
    }),
    runs,
  );
  expect(denied).toBeGreaterThan(300);
});

test("judge: what is blamed is there, and taking all of it away lets the action through or leaves others to blame", () => {
  let denied = 0;
  fc.assert(
    fc.property(walls, action, (some, act) => {
      const verdict = judge({ walls: some }, act);
      // Some things are denied without any wall, such as running a file without any execute bit.
      if (verdict.kind !== "denied" || judge({ walls: [] }, act).kind === "denied") {
        return;
      }
      denied += 1;
      expect(verdict.by.length).toBeGreaterThan(0);
      for (const origin of verdict.by) {
        expect(some.map((wall) => wall.by)).toContainEqual(origin);
      }
      const blamed = (origin: WallOrigin): boolean =>
        verdict.by.some((other) => originText(other) === originText(origin));
      const rest: readonly Wall[] = some.filter((wall) => !blamed(wall.by));
      const then = judge({ walls: rest }, act);
      if (then.kind === "denied") {
        expect(then.by.some(blamed)).toBe(false);
      }
    }),
    runs,
  );
  expect(denied).toBeGreaterThan(300);
});

test("outcomeOf: the same kind as judge", () => {
  fc.assert(
    fc.property(walls, action, (some, act) => {
      expect(outcomeOf(some, act)).toBe(judge({ walls: some }, act).kind);
    }),
    runs,
  );
});

test("loosened: when it finds nothing, everything that was denied still is", () => {
  let compared = 0;
  fc.assert(
    fc.property(walls, walls, fc.array(action, { minLength: 5, maxLength: 5 }), (before, added, acts) => {
      // Another user owns other files, so identities cannot be compared; no setting changes them silently.
      const after = [...before, ...added.filter((wall) => wall.kind !== "identity")];
      if (loosened({ walls: before }, { walls: after }).length > 0) {
        return;
      }
      for (const act of acts) {
        // In a fresh directory of its own a service may create files where the host's directory would not let it.
        if (act.needs.some((each) => each.kind === "path" && each.access === "create")) {
          continue;
        }
        if (judge({ walls: before }, act).kind !== "denied") {
          continue;
        }
        compared += 1;
        expect(judge({ walls: after }, act).kind).not.toBe("allowed");
      }
    }),
    { numRuns: 800 },
  );
  expect(compared).toBeGreaterThan(300);
});

test("loosened: a sandbox is not weaker than itself, nor with one more wall", () => {
  fc.assert(
    fc.property(walls, plainWall, (some, more) => {
      expect(loosened({ walls: some }, { walls: some })).toEqual([]);
      expect(loosened({ walls: some }, { walls: [...some, more] })).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("possible: whatever the arguments are, their answer is among those of a call without any", () => {
  const number = numberOf("x86_64", "socket") ?? -1;
  fc.assert(
    fc.property(policy, fc.bigInt({ min: 0n, max: 9n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (some, a, b) => {
      const data = { abi: "x86_64", number } as const;
      const answer = evaluate(some, { ...data, arguments: [a, b] });
      expect(possible(some, { ...data, arguments: [] })).toContainEqual(answer);
    }),
    runs,
  );
});
