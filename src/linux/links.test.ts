import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { linksOf } from "./links.ts";

test("follows the links of the paths that are named, also when the root is gone", () => {
  const root = mkdtempSync(join(tmpdir(), "links-"));
  mkdirSync(join(root, "run/lock"), { recursive: true });
  mkdirSync(join(root, "var"));
  symlinkSync("/run", join(root, "var/run"));
  const follow = linksOf(["-/var/run/lock /var/lib", "/var/run:/srv:rbind"], root);
  rmSync(root, { recursive: true });
  expect(follow("/var/run/lock")).toBe("/run/lock");
  expect(follow("/var/run")).toBe("/run");
  expect(follow("/var/lib")).toBe("/var/lib");
  expect(follow("/never/named")).toBe("/never/named");
});
