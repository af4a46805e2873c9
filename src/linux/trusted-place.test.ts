/** Uses real directories and modes; foreign owners need root and are tested in test/live/output.test.ts. */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTrusted, openTrusted, trustedUsers } from "./trusted-place.ts";

let top = "";
beforeAll(() => {
  top = mkdtempSync("/tmp/cloison-trust-"); // 0700, in a sticky directory
  for (const name of ["own", "shared", "sticky"]) {
    mkdirSync(`${top}/${name}`);
  }
  chmodSync(`${top}/shared`, 0o777);
  chmodSync(`${top}/sticky`, 0o1777);
  mkdirSync(`${top}/shared/below`);
  mkdirSync(`${top}/sticky/below`);
  symlinkSync(`${top}/own`, `${top}/absolute`);
  symlinkSync("../shared/below", `${top}/own/relative`);
  symlinkSync("round", `${top}/round`);
});
afterAll(() => rmSync(top, { recursive: true }));

function opened(path: string, trusted = trustedUsers({})) {
  const place = openTrusted(path, trusted);
  if (!("descriptor" in place)) {
    return `${place.path}: ${place.reason}`;
  }
  const where = readlinkSync(`/proc/self/fd/${place.descriptor}`);
  closeSync(place.descriptor);
  return { where, missing: place.missing, sticky: place.sticky };
}

test("what belongs to root or oneself is taken, also in /tmp, also through one's own links, also if it is not there", () => {
  expect(opened(`${top}/own`)).toEqual({ where: `${top}/own`, missing: [], sticky: false });
  expect(opened(`${top}/absolute/new/deep`)).toEqual({ where: `${top}/own`, missing: ["new", "deep"], sticky: false });
  expect(opened(`${top}/sticky/below`)).toMatchObject({ where: `${top}/sticky/below` });
  expect(opened(`${top}/sticky`)).toMatchObject({ sticky: true });
  expect(opened("/tmp/cloison-no-such")).toMatchObject({ where: "/tmp", missing: ["cloison-no-such"], sticky: true });
});

test("what others could exchange or change is refused, wherever it is on the way", () => {
  expect(opened(`${top}/shared`)).toBe(`${top}/shared: others can write to it (mode 777)`);
  expect(opened(`${top}/shared/below`)).toContain(`${top}/shared: others`);
  expect(opened(`${top}/own/relative/x`)).toContain(`${top}/shared: others`);
  expect(() => opened(`${top}/round`)).toThrow("too many links");
  expect(() => opened("/dev/null/x")).toThrow("open /dev/null/x");
});

test("what is missing is made for oneself alone, and no descriptor stays open", () => {
  const before = readdirSync("/proc/self/fd").length;
  const place = openTrusted(`${top}/own/made/deep`);
  if (!("descriptor" in place)) {
    throw new Error(place.reason);
  }
  closeSync(makeTrusted(place));
  for (const path of ["made", "made/deep"]) {
    expect(statSync(`${top}/own/${path}`).mode & 0o7777).toBe(0o700);
  }
  opened(`${top}/shared/below`);
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});
