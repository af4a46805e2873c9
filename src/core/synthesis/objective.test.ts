import { expect, test } from "vitest";
import { setting } from "../sandbox/origin.ts";
import type { Sandbox } from "../sandbox/wall.ts";
import { isLess, leftOpen, remembered } from "./objective.ts";

const by = setting("ProtectSystem", "strict");
const readOnly: Sandbox = {
  walls: [
    { kind: "mount", by, path: "/", mode: { kind: "read-only" }, optional: false },
    { kind: "mount", by, path: "/srv", mode: { kind: "read-write" }, optional: false },
  ],
};

test("leftOpen: calls, capabilities, writable places; the whole tree is more than any list of places", () => {
  const left = leftOpen("x86_64");
  const [calls, capabilities, places] = left({ walls: [] });
  expect(calls).toBeGreaterThan(300);
  expect(capabilities).toBe(41);
  expect(left(readOnly)).toEqual([calls, capabilities, 1]);
  expect(places).toBeGreaterThan(1000);
});

test("isLess: the first difference decides", () => {
  expect(isLess([1, 5, 0], [1, 6, -9])).toBe(true);
  expect(isLess([2, 0], [1, 9])).toBe(false);
  expect(isLess([1], [1])).toBe(false);
});

test("remembered: a sandbox is asked about once", () => {
  let asked = 0;
  const objective = remembered(() => {
    asked += 1;
    return [asked];
  });
  const sandbox: Sandbox = { walls: [] };
  expect([objective(sandbox), objective(sandbox)]).toEqual([[1], [1]]);
});

test("remembered: of more sandboxes than may be weighed none is less than another", () => {
  const objective = remembered(({ walls }) => [walls.length], 1);
  const [first, second]: readonly Sandbox[] = [readOnly, { walls: [] }];
  expect([objective(first!), objective(second!)]).toEqual([[2], []]);
  expect(isLess(objective(second!), objective(first!))).toBe(false);
  expect(isLess(objective(first!), objective(second!))).toBe(false);
});
