import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { unfollowed } from "./unfollowed.ts";

const place = mkdtempSync("/var/tmp/cloison-unfollowed-");
afterAll(() => rmSync(place, { recursive: true }));
mkdirSync(join(place, "real"));
writeFileSync(join(place, "real/file"), "");
chmodSync(join(place, "real/file"), 0o600);
symlinkSync("real", join(place, "link"));
symlinkSync("file", join(place, "real/other"));

test("unfollowed: a file by its own path, and what is not there", () => {
  expect(unfollowed(join(place, "real/file"), ({ stats }) => stats.isFile())).toBe(true);
  unfollowed(join(place, "real/file"), (file) => file.chmod(0o640));
  expect(statSync(join(place, "real/file")).mode & 0o7777).toBe(0o640);
  expect(unfollowed(join(place, "real/none"), () => true)).toBeUndefined();
});

test("unfollowed: neither a link on the way nor one at the end leads anywhere", () => {
  const change = (path: string) => () => unfollowed(path, (file) => file.chmod(0o777));
  expect(change(join(place, "link/file"))).toThrow("link/file");
  expect(change(join(place, "real/other"))).toThrow("symbolic link");
  expect(change(`${place}/real/../real/file`)).toThrow("..");
  expect(lstatSync(join(place, "real/file")).mode & 0o7777).toBe(0o640);
});
