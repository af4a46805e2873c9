/** The process that an attack aims at. Tests src/engines/judges/systemd/services.ts. */
import { expect, test } from "vitest";
import { SystemError } from "../../../linux/system-error.ts";
import { chosen } from "./services.ts";

test("chosen: one process after the other, counted round", () => {
  expect([0, 1, 2, 3].map((n) => chosen([7, 8, 9], n))).toEqual([7, 8, 9, 7]);
});

test("chosen: among none there is none, and never PID 0", () => {
  expect(() => chosen([], 1)).toThrow(SystemError);
});
