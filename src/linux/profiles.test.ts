import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { profileLookup } from "./profiles.ts";

const directory = mkdtempSync(join(tmpdir(), "cloison-profiles-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("profiles are found by name, whatever their mode, and the children of one by their whole name", () => {
  const list = join(directory, "profiles");
  writeFileSync(list, "/usr/sbin/app (enforce)\nlsb_release (complain)\napp//helper (enforce)\nname (of) two (kill)\n");
  const profile = profileLookup(list);
  expect(profile?.("/usr/sbin/app")).toBe(true);
  expect(profile?.("lsb_release")).toBe(true);
  expect(profile?.("app//helper")).toBe(true);
  expect(profile?.("name (of) two")).toBe(true);
  expect(profile?.("app")).toBe(false);
});

test("without a list nothing is known", () => {
  expect(profileLookup(join(directory, "absent"))).toBeUndefined();
});
