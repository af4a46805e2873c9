/** `tools/generate.mjs --check` in a copy of the repository: it accepts what it wrote, and tells stale from made elsewhere. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const copy = mkdtempSync(join(tmpdir(), "cloison-generate-"));

beforeAll(() => {
  for (const part of ["tools/generate.mjs", "tools/generate", "biome.json", ".gitignore", "src/core/kernel/syscalls"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, "src/core/probes/files"), { recursive: true });
  writeFileSync(join(copy, "src/core/probes/probe.ts"), "export interface Probe {}\n");
  writeFileSync(join(copy, "src/core/probes/files/_shared.ts"), "export const x = 1;\n");
  writeFileSync(join(copy, "src/core/probes/files/read-shadow.ts"), "export const readShadow: Probe = {};\n");
});

afterAll(() => rmSync(copy, { recursive: true }));

function generate(...args: readonly string[]) {
  const { status, stderr } = spawnSync("node", ["tools/generate.mjs", ...args], { cwd: copy, encoding: "utf8" });
  return { status, stderr };
}

function edit(path: string, change: (text: string) => string): () => void {
  const file = join(copy, path);
  const before = readFileSync(file, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
  return () => writeFileSync(file, before);
}

test("generate --check: missing, then written and accepted", () => {
  expect(generate("--check", "catalogue")).toMatchObject({ status: 1, stderr: expect.stringContaining("missing") });
  expect(generate("catalogue").status).toBe(0);
  const catalogue = readFileSync(join(copy, "src/core/probes/catalogue.ts"), "utf8");
  expect(catalogue).toContain('import { readShadow } from "./files/read-shadow.ts";');
  expect(catalogue).toContain("export const probes: readonly Probe[] = [readShadow];");
  expect(generate("--check", "catalogue")).toEqual({ status: 0, stderr: "" });
});

test("generate --check: a new file makes the catalogue stale, one without its constant is an error", () => {
  writeFileSync(join(copy, "src/core/probes/files/mount.ts"), "export const mount: Probe = {};\n");
  expect(generate("--check", "catalogue")).toMatchObject({ status: 1, stderr: expect.stringContaining("stale") });
  writeFileSync(join(copy, "src/core/probes/files/mount.ts"), "export const mounting: Probe = {};\n");
  expect(generate("--check", "catalogue")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("mount.ts does not export mount"),
  });
  rmSync(join(copy, "src/core/probes/files/mount.ts"));
});

test("generate --check: a changed number is stale, a file of another version is loudly not compared", () => {
  const path = "src/core/kernel/syscalls/x86_64.ts";
  const undo = edit(path, (text) => text.replace("  write: 1,", "  write: 2,"));
  const here = generate("--check", "syscalls");
  // On a machine with other headers than the file was made from, nothing can be said of the number.
  const same = !here.stderr.includes("i386.ts: made from");
  expect(here).toMatchObject(same ? { status: 1, stderr: expect.stringContaining("x86_64.ts: stale") } : { status: 0 });
  undo();
  const undoVersion = edit(path, (text) => text.replace(/linux-libc-dev [^ ]+\./, "linux-libc-dev 1.2.3."));
  const other = generate("--check", "syscalls");
  expect(other.status).toBe(0);
  expect(other.stderr).toMatch(/WARNING .*x86_64\.ts: made from linux-libc-dev 1\.2\.3, .*NOT COMPARED/);
  undoVersion();
});

test("generate: an unknown generator or option is bad usage", () => {
  expect(generate("--chekc").status).toBe(2);
  expect(generate("nothing").status).toBe(2);
});
