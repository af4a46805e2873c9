import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { largeFilesBelow, writersBelow } from "./writers.ts";

let data: string;

beforeAll(() => {
  data = mkdtempSync("/var/tmp/cloison-data-");
  mkdirSync(join(data, "sub"));
});
afterAll(() => rmSync(data, { recursive: true }));

const mine = async (path: string) => (await writersBelow(path)).filter((writer) => writer.path.startsWith(data));

test("writersBelow finds who writes, and not who reads", async () => {
  const path = join(data, "sub/log");
  writeFileSync(path, "");
  const reader = openSync(path, "r");
  expect(await mine(data)).toEqual([]);
  const writer = openSync(path, "a");
  expect(await mine(data)).toEqual([{ pid: process.pid, comm: expect.any(String), path }]);
  expect(await mine(`${data}/su`)).toEqual([]);
  symlinkSync(data, join(data, "link"));
  expect(await mine(join(data, "link/sub"))).toHaveLength(1);
  expect(await writersBelow(data, { ignoreCgroup: () => true })).toEqual([]);
  closeSync(reader);
  closeSync(writer);
});

test("writersBelow finds a file that is mapped shared and writable without any descriptor", async () => {
  const path = join(data, "mapped");
  writeFileSync(path, "x".repeat(4096));
  const code = "import mmap,sys\nf=open(sys.argv[1],'r+b')\nm=mmap.mmap(f.fileno(),0)\nf.close()\n";
  // Python's mmap keeps a duplicate of the descriptor; with that closed, only the mapping is left.
  const close =
    "import os\n[os.close(n) for n in range(3,20) if os.path.exists('/proc/self/fd/%d'%n)]\nprint('ready',flush=True)\ninput()\n";
  const child: ChildProcess = spawn("python3", ["-c", code + close, path], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await once(child.stdout!, "data");
    expect(await mine(data)).toEqual([{ pid: child.pid, comm: "python3", path }]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("largeFilesBelow counts what is allocated, largest first, and follows no link", async () => {
  writeFileSync(join(data, "small"), "x".repeat(8192));
  writeFileSync(join(data, "sub/larger"), "x".repeat(65_536));
  writeFileSync(join(data, "hole"), "");
  truncateSync(join(data, "hole"), 1 << 30);
  symlinkSync("/usr", join(data, "elsewhere"));
  const found = await largeFilesBelow(data, 8192n);
  expect(found.map((file) => file.path)).toEqual([join(data, "sub/larger"), join(data, "small")]);
  expect(found[0]?.bytes).toBe(65_536n);
});
