/** What a control group uses, from a tree that looks like the kernel's. Tests src/linux/cgroup-usage.ts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { usageOf } from "./cgroup-usage.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cloison-usage-"));
  mkdirSync(join(root, "group/worker"), { recursive: true });
  writeFileSync(join(root, "group/cgroup.procs"), "7\n");
  writeFileSync(join(root, "group/worker/cgroup.procs"), "8\n");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function processOf(pid: number, status: string, files: number): void {
  mkdirSync(join(root, `proc/${pid}/fd`), { recursive: true });
  writeFileSync(join(root, `proc/${pid}/status`), status);
  for (let file = 0; file < files; file += 1) {
    writeFileSync(join(root, `proc/${pid}/fd/${file}`), "");
  }
}

test("threads and memory of all processes are added up, of open files the most counts", async () => {
  processOf(7, "Name:\tmaster\nVmHWM:\t    1024 kB\nThreads:\t1\n", 4);
  processOf(8, "Name:\tworker\nVmHWM:\t    2048 kB\nThreads:\t5\n", 9);
  expect(await usageOf(join(root, "group"), join(root, "proc"))).toEqual({ tasks: 6, memory: 3 * 2 ** 20, files: 9 });
});

test("what the kernel counted itself comes first, and a process that ends meanwhile counts for nothing", async () => {
  processOf(7, "Name:\tmaster\nVmHWM:\t    1024 kB\nThreads:\t1\n", 4);
  writeFileSync(join(root, "group/pids.peak"), "12\n");
  writeFileSync(join(root, "group/memory.peak"), "4096\n");
  expect(await usageOf(join(root, "group"), join(root, "proc"))).toEqual({ tasks: 12, memory: 4096, files: 4 });
});

test("nothing runs in a group that is gone", async () => {
  expect(await usageOf(join(root, "none"), join(root, "proc"))).toBeUndefined();
});
