/** However a box's owner or guard dies, the kernel is asked afterwards what is left: nothing, or an empty cgroup to sweep. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweepBoxes } from "../../src/engines/box/sweep.ts";
import { cgroupMount, cgroupsOf, guardOf, isPopulated, loopsOn } from "./fixtures/box-traces.ts";

let directory: string;
let scratch: string;
let program: string;
const started: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync("/tmp/cloison-killed-");
  chmodSync(directory, 0o755); // one test reads it as another user
  scratch = mkdtempSync("/var/tmp/cloison-killed-");
  program = `${directory}/boot-box.mjs`;
  const entryPoints = [`${import.meta.dirname}/fixtures/boot-box.ts`];
  buildSync({ entryPoints, outfile: program, bundle: true, platform: "node", format: "esm", logLevel: "error" });
});

afterAll(() => {
  for (const child of started) {
    child.kill("SIGKILL");
  }
  rmSync(directory, { recursive: true });
  rmSync(scratch, { recursive: true });
});

/** A process that boots a box, and the lines it says, one by one. */
function owner(before: string[] = []): { child: ChildProcess; pid: number; line: () => Promise<string> } {
  const [file, ...rest] = [...before, process.execPath, program, JSON.stringify({ scratch })];
  const child = spawn(file!, rest, { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, pid: child.pid!, line: async () => (await lines.next()).value ?? "" };
}

/** Nothing of the owner's boxes lives, and no loop device or name is left on the scratch. */
async function expectDead(pid: number, leader?: number): Promise<void> {
  await expect.poll(() => cgroupsOf(pid).filter(isPopulated)).toEqual([]);
  await expect.poll(() => loopsOn(scratch)).toEqual([]);
  if (leader !== undefined) {
    await expect.poll(() => isRunning(leader)).toBe(false);
  }
  expect(readdirSync(scratch)).toEqual([]);
  await expect.poll(() => processesNaming(`cloison-${pid}-`)).toEqual([]);
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/status`) && !readFileSync(`/proc/${pid}/status`, "utf8").includes("State:\tZ");
}

/** Guards, launchers and entered programs carry the box's name in their arguments. */
function processesNaming(text: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) {
      return false;
    }
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(text);
    } catch {
      return false; // it has ended meanwhile
    }
  });
}

async function guardOnceThere(pid: number): Promise<number> {
  for (;;) {
    const guard = guardOf(pid);
    if (guard !== undefined) {
      return guard;
    }
    await sleep(1);
  }
}

const MOMENTS = [0, 15, 35, 60, 90, 130, 180, 260];

test("the owner is killed while the box boots: the guard ends it and removes everything", async () => {
  const killed = MOMENTS.map(async (moment) => {
    const { child, pid, line } = owner();
    expect(await line()).toBe("booting");
    await sleep(moment);
    child.kill("SIGKILL");
    return pid;
  });
  for (const pid of await Promise.all(killed)) {
    await expectDead(pid);
    await expect.poll(() => cgroupsOf(pid)).toEqual([]);
  }
});

test("the owner of a running box is killed", async () => {
  const { child, pid, line } = owner();
  await line();
  const leader = Number((await line()).replace("up ", ""));
  expect(isRunning(leader)).toBe(true);
  expect(loopsOn(scratch).length).toBe(existsSync("/dev/loop-control") ? 1 : 0);
  child.kill("SIGKILL");
  await expectDead(pid, leader);
  await expect.poll(() => cgroupsOf(pid)).toEqual([]);
});

test("the guard is killed while the box boots: the owner is told, and cleans up", async () => {
  const told = MOMENTS.map(async (moment) => {
    const { pid, line } = owner();
    await line();
    const guard = await guardOnceThere(pid);
    await sleep(moment);
    process.kill(guard, "SIGKILL");
    return { pid, said: await line() };
  });
  for (const { pid, said } of await Promise.all(told)) {
    expect(said).toMatch(/^(failed|up) /);
    await expectDead(pid);
    await expect.poll(() => cgroupsOf(pid)).toEqual([]);
  }
});

/** The boots of other boxes sweep, too: only a cgroup that was just made is there for certain, and it is ours to lose. */
test("guard and owner are killed together: at most an empty cgroup remains, and is swept", async () => {
  const killed = [...MOMENTS, 500].map(async (moment) => {
    const { child, pid, line } = owner();
    await line();
    const guard = await guardOnceThere(pid);
    await sleep(moment);
    process.kill(guard, "SIGKILL");
    child.kill("SIGKILL");
    return pid;
  });
  const pids = await Promise.all(killed);
  for (const pid of pids) {
    await expectDead(pid);
  }
  mkdirSync(`${cgroupMount}/cloison-${pids[0]}-1-00000000`);
  await sweepBoxes(scratch);
  expect(pids.flatMap(cgroupsOf)).toEqual([]);
});

test("the box's own PID 1 is killed: the owner sees it end, nothing is left", async () => {
  const { pid, line } = owner();
  await line();
  const leader = Number((await line()).replace("up ", ""));
  process.kill(leader, "SIGKILL");
  await expectDead(pid, leader);
  await expect.poll(() => cgroupsOf(pid)).toEqual([]);
});

test("sweeping leaves boxes of the living alone", async () => {
  const { child, pid, line } = owner();
  await line();
  const leader = Number((await line()).replace("up ", ""));
  await sweepBoxes(scratch);
  expect(isRunning(leader)).toBe(true);
  child.kill("SIGKILL");
  await expectDead(pid, leader);
});

test("a full scratch is told before anything is made", async () => {
  const full = ["unshare", "--mount", "sh", "-c", `mount -t tmpfs -o size=64m full ${scratch} && exec "$@"`, "sh"];
  const { pid, line } = owner(full);
  expect(await line()).toBe("booting");
  expect(await line()).toContain("64 MiB free, 256 MiB needed");
  await expectDead(pid);
});

test("without root there is one message with the way out", async () => {
  const { line } = owner(["setpriv", "--reuid=65534", "--clear-groups"]);
  await line();
  expect(await line()).toContain("only root");
});
