import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analyzeSecurity } from "./analyze-security.ts";
import type { RunCommand } from "./spawn.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "cloison-analyze-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("analyzeSecurity gives the machine's own figures: walls lower them, checks that do not apply are null", async () => {
  const bare = join(directory, "bare.service");
  const walled = join(directory, "walled.service");
  writeFileSync(bare, "[Service]\nExecStart=/bin/true\n");
  writeFileSync(
    walled,
    "[Service]\nExecStart=/bin/true\nPrivateNetwork=yes\nDynamicUser=yes\nCapabilityBoundingSet=\n",
  );
  const before = await analyzeSecurity(bare);
  const after = await analyzeSecurity(walled);
  expect(before).toMatchObject({ exposure: 9.4, word: "UNSAFE" });
  expect(after.exposure).toBeLessThan(before.exposure);
  const check = (analysis: typeof before, name: string) => analysis.checks.find((each) => each.name === name);
  expect(check(before, "PrivateNetwork=")).toMatchObject({ set: false, exposure: 0.5, field: "PrivateNetwork" });
  expect(check(after, "PrivateNetwork=")).toMatchObject({ set: true, exposure: null });
  expect(check(before, "RemoveIPC=")).toMatchObject({ set: null, exposure: null });
  expect(before.checks.length).toBeGreaterThan(70);
});

test("analyzeSecurity passes on why a file is refused", async () => {
  const empty = join(directory, "nothing.service");
  writeFileSync(empty, "[Service]\nUser=nobody\n");
  await expect(analyzeSecurity(empty)).rejects.toMatchObject({ name: "SystemError", path: empty });
  await expect(analyzeSecurity("/no/such.service")).rejects.toMatchObject({ path: "/no/such.service" });
});

test("analyzeSecurity does not take silence for a figure", async () => {
  const silent: RunCommand = async () => ({ status: 0, signal: null, stdout: "[]", stderr: "", timedOut: false });
  await expect(analyzeSecurity("x.service", silent)).rejects.toThrow("no overall exposure level");
});
