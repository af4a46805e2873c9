import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listIn, lookIn, readIn, resolveIn } from "./beneath.ts";

let base = "";
let root = "";
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "cloison-beneath-"));
  root = join(base, "root");
  mkdirSync(join(root, "srv/data"), { recursive: true });
  writeFileSync(join(root, "srv/data/file"), "inside");
  mkdirSync(join(base, "outside/data"), { recursive: true });
  writeFileSync(join(base, "outside/data/file"), "outside");
  symlinkSync("/srv", join(root, "link"));
  symlinkSync(join(base, "outside"), join(root, "out"));
  symlinkSync("../../outside", join(root, "up"));
});
afterAll(() => rmSync(base, { recursive: true }));

test("links are followed inside the root, by resolveIn alone", () => {
  expect(resolveIn(root, "/link/data/../data/file")).toBe("/srv/data/file");
  expect(resolveIn(root, "/link", false)).toBe("/link");
  expect(resolveIn(root, "/up/data")).toBe("/outside/data");
  expect(resolveIn(root, "/out/data/file")).toBe(`${base}/outside/data/file`);
  expect(resolveIn(root, "/missing/../link/x")).toBe("/srv/x");
  expect(lookIn(root, "/link/data/file")).toBeUndefined();
  expect(lookIn(root, "/link")?.stats.isSymbolicLink()).toBe(true);
  expect(lookIn(root, "/srv/../srv/data/file")).toBeUndefined();
  expect(lookIn(root, "/srv/data/file")?.stats.size).toBe(6);
  expect(lookIn(root, "/")?.stats.isDirectory()).toBe(true);
});

test("the names in a directory, behind links of the root, and none of what is no directory or lies outside", () => {
  expect(listIn(root, "/link/data")).toEqual(["file"]);
  expect(listIn(root, "/").toSorted()).toEqual(["link", "out", "srv", "up"]);
  expect([listIn(root, "/srv/data/file"), listIn(root, "/up/data"), listIn(root, "/nowhere")]).toEqual([[], [], []]);
});

test("files are read in part, and nothing else is", () => {
  expect(readIn(root, "/srv/data/file", 3)?.toString()).toBe("ins");
  expect(readIn(root, "/srv/data", 3)).toBeUndefined();
  expect(readIn(root, "/out/data/file", 9)).toBeUndefined();
  expect(readIn("", "/dev/zero", 9)).toBeUndefined();
  expect(readIn("", "/proc/version", 5)?.toString()).toBe("Linux");
});

test("a directory that is swapped for a link all the time never leads out", async () => {
  mkdirSync(join(root, "race/data"), { recursive: true });
  writeFileSync(join(root, "race/data/file"), "inside");
  symlinkSync(join(base, "outside"), join(root, "race-link"));
  const swap = `import ctypes
c = ctypes.CDLL(None)
while True: c.renameat2(-100, b"${root}/race", -100, b"${root}/race-link", 2)`;
  const swapper = spawn("/usr/bin/python3", ["-c", swap]);
  try {
    const seen = new Set<string>();
    const until = Date.now() + 10_000;
    // Unless both states were seen, the race was not exercised.
    while (Date.now() < until && !(seen.size >= 2 && Date.now() > until - 8500)) {
      seen.add(String(readIn(root, "/race/data/file", 10)));
      const look = lookIn(root, "/race/data/file");
      if (look !== undefined) {
        expect(look.stats.size).toBe(6);
      }
    }
    expect([...seen].sort()).toEqual(["inside", "undefined"]);
  } finally {
    swapper.kill();
  }
});

test("no descriptor stays open", () => {
  const before = readdirSync("/proc/self/fd").length;
  for (let round = 0; round < 50; round++) {
    resolveIn(root, "/link/data/../../srv/missing/x/../..");
    lookIn(root, "/srv/data/file");
    readIn(root, "/srv/data/file", 5);
    readIn(root, "/srv/data", 5);
  }
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});
