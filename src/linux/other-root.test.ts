import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveIn } from "./beneath.ts";
import { existingIn, fileFacts } from "./other-root.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "cloison-inside-"));
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  writeFileSync(join(root, "usr/bin/real"), "");
  chmodSync(join(root, "usr/bin/real"), 0o4755);
  symlinkSync("/usr/bin", join(root, "bin"));
  symlinkSync("../../usr/bin/real", join(root, "usr/bin/relative"));
  symlinkSync("/../../../etc/passwd", join(root, "escape"));
  symlinkSync("loop", join(root, "loop"));
});
afterAll(() => rmSync(root, { recursive: true }));

test("existingIn follows links as the inside would", () => {
  expect(existingIn(root, "/bin/real")).toBe("/usr/bin/real");
  expect(existingIn(root, "/bin/relative")).toBe("/usr/bin/real");
  expect(existingIn(root, "/usr/./bin/../bin/real")).toBe("/usr/bin/real");
});

test("existingIn never leads out, ends on loops, and knows what is missing", () => {
  expect(existingIn(root, "/escape")).toBeUndefined();
  expect(existingIn(root, "/loop")).toBeUndefined();
  expect(existingIn(root, "/bin/missing")).toBeUndefined();
});

test("fileFacts tells owner, mode and what holds the file", () => {
  expect(fileFacts(root, resolveIn(root, "/bin/real"))).toMatchObject({
    type: "file",
    mode: 0o4755,
    parent: { mode: 0o755 },
  });
  expect(fileFacts("", "/dev/null")).toMatchObject({ type: "char", device: { major: 1, minor: 3 } });
  expect(fileFacts(root, "/missing")).toBeUndefined();
});
