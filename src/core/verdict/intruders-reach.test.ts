import { expect, test } from "vitest";
import { setting } from "../sandbox/origin.ts";
import { isLess } from "../synthesis/objective.ts";
import { intrudersReach } from "./intruders-reach.ts";

const reach = intrudersReach([{ uid: 0, gid: 0 }], "x86_64");

test("intrudersReach: the first figure is goals, and a wall that closes one weighs more than any that closes calls", () => {
  const by = setting("CapabilityBoundingSet", "");
  const open = reach({ walls: [{ kind: "umask", by: setting("UMask", "0022"), mask: 0o022 }] });
  const bounded = reach({ walls: [{ kind: "bounding", by, keep: [] }] });
  expect(open[0]).toBeGreaterThan(10);
  expect(isLess(bounded, open)).toBe(true);
  // Without capabilities no power is left that changes mounts.
  expect(bounded[1]).toBeLessThan(open[1]!);
}, 60_000);
