import { expect, test } from "vitest";
import { deviceLookup, majorsOf, numbersOf } from "./devices.ts";

const DEVICES =
  "Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n254 rtc\n\nBlock devices:\n  8 sd\n 65 sd\n254 virtblk\n";

test("majorsOf keeps characters and blocks apart and matches as the shell does", () => {
  expect(majorsOf(DEVICES, "char", "pts")).toEqual([136]);
  expect(majorsOf(DEVICES, "block", "pts")).toEqual([]);
  expect(majorsOf(DEVICES, "block", "sd")).toEqual([8, 65]);
  expect(majorsOf(DEVICES, "block", "virt*")).toEqual([254]);
  expect(majorsOf(DEVICES, "char", "rt.")).toEqual([]);
  expect(majorsOf(DEVICES, "char", "*")).toEqual(["*"]);
  expect(majorsOf(DEVICES, "char", "[!p]*")).toEqual([1, 5, 254]);
  expect(majorsOf(DEVICES, "char", "[a-p]t?")).toEqual([136]);
  expect(majorsOf(DEVICES, "char", "[m")).toEqual([]);
  expect(majorsOf(DEVICES, "char", "[z-a]ts")).toEqual([]);
  expect(majorsOf(DEVICES, "char", "(mem|pts)")).toEqual([]);
});

test("deviceLookup reads the numbers of a node, and knows none of what is no node", () => {
  expect(deviceLookup("")("/dev/null")).toEqual([{ type: "char", major: 1, minor: 3 }]);
  expect(deviceLookup("")("/etc/passwd")).toBeUndefined();
  expect(deviceLookup("")("/dev/no-such-device")).toBeUndefined();
});

test("numbersOf joins the split parts, as makedev(3) splits them", () => {
  expect(numbersOf(0x0103)).toEqual({ major: 1, minor: 3 });
  expect(numbersOf(0x12300034)).toEqual({ major: 0, minor: 0x12334 });
});
