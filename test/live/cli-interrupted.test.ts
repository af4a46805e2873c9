/**
 * `harden` interrupted, politely and with kill -9 at every stage: within seconds no process of it lives, and nothing is left
 * on the host but, at the worst, an empty cgroup that the next command sweeps. What was started is asked of /proc before.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cgroupsOf, isPopulated, loopsOn } from "./fixtures/box-traces.ts";
import { type CommandLine, commandLine, ended, host } from "./fixtures/command-line.ts";

let cli: CommandLine;
const started: ChildProcess[] = [];

beforeAll(() => {
  cli = commandLine();
  cli.file("victim.pl", server);
  cli.file("victim.service", `[Service]\nExecStart=/usr/bin/perl ${cli.directory}/victim.pl\n`);
});
afterAll(() => {
  for (const child of started) {
    child.kill("SIGKILL");
  }
  cli.remove();
});

/** Takes connections and says nothing. */
const server = `use Socket; socket(L, PF_INET, SOCK_STREAM, 0); setsockopt(L, SOL_SOCKET, SO_REUSEADDR, 1);
bind(L, sockaddr_in(8121, INADDR_LOOPBACK)) or die; listen(L, 8); while (accept(C, L)) { close C }
`;
const workload = "bash -c '</dev/tcp/127.0.0.1/8121' && sleep 0.2";

interface Run {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly scratch: string;
  readonly out: string;
  /** Resolves when progress says so. */
  readonly reached: (step: string) => Promise<void>;
}

/** A run of harden with places of its own. */
function begin(name: string): Run {
  const scratch = join(cli.directory, `scratch-${name}`);
  const out = join(cli.directory, `out-${name}`);
  mkdirSync(scratch);
  const words = ["harden", "./victim.service", "--workload", workload, "--scratch", scratch, "--out", out];
  const child = cli.start(words);
  started.push(child);
  const seen: string[] = [];
  const waiting: { step: string; wake: () => void }[] = [];
  createInterface({ input: child.stderr! }).on("line", (line) => {
    seen.push(line);
    for (const { step, wake } of waiting) {
      if (line.includes(step)) {
        wake();
      }
    }
  });
  const reached = (step: string): Promise<void> =>
    new Promise((wake, fail) => {
      if (seen.some((line) => line.includes(step))) {
        wake();
      }
      waiting.push({ step, wake });
      child.once("close", () => fail(new Error(`ended before "${step}": ${seen.join("\n")}`)));
    });
  return { child, pid: child.pid!, scratch, out, reached };
}

/** A process that is this one and no later one with the same number. */
interface Process {
  readonly pid: number;
  readonly born: string;
  readonly name: string;
}

function statOf(pid: number): { parent: number; born: string; name: string; state: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(text) ?? [];
    const fields = rest.split(" ");
    return { name, state: fields[0]!, parent: Number(fields[1]), born: fields[19]! };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** Everything that a process has started, whatever sessions and namespaces it is in. */
function descendants(pid: number): readonly Process[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name));
      return stat === undefined ? [] : [{ pid: Number(name), ...stat }];
    });
  const below = (parent: number): readonly Process[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

function alive(processes: readonly Process[]): readonly string[] {
  return processes
    .filter(({ pid, born }) => {
      const stat = statOf(pid);
      return stat?.born === born && stat.state !== "Z";
    })
    .map(({ pid, name }) => `${pid} ${name}`);
}

/** Tracing instances are the kernel's, not a mount's: any tracefs shows them. */
function tracingInstances(): readonly string[] {
  const script = "mount -t tracefs tracefs /sys/kernel/tracing && ls /sys/kernel/tracing/instances";
  const { status, stdout } = host("unshare", "--mount", "--propagation", "private", "sh", "-c", script);
  return status === 0 ? stdout.split("\n").filter((name) => name.startsWith("cloison-")) : [];
}

function mountsNaming(text: string): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(text));
}

/** Nothing of a run is left but, perhaps, empty cgroups. */
async function expectGone({ pid, scratch, out }: Run, processes: readonly Process[], what: string): Promise<void> {
  await expect.poll(() => alive(processes), { message: `${what}: processes` }).toEqual([]);
  await expect.poll(() => cgroupsOf(pid).filter(isPopulated), { message: `${what}: cgroups` }).toEqual([]);
  await expect.poll(() => loopsOn(scratch), { message: `${what}: loop devices` }).toEqual([]);
  const traced = new Set(processes.map((each) => `cloison-${each.pid}`));
  await expect
    .poll(() => tracingInstances().filter((name) => traced.has(name)), { message: `${what}: tracing` })
    .toEqual([]);
  expect(readdirSync(scratch), `${what}: scratch`).toEqual([]);
  expect(readdirSync(cli.directory), `${what}: output`).not.toContain(out.slice(cli.directory.length + 1));
  expect(mountsNaming(`cloison-${pid}-`), `${what}: mounts`).toEqual([]);
  expect(readdirSync("/run/cloison"), `${what}: /run/cloison`).toEqual([]);
}

/** Where in its life a run is killed: after this step is said, and so much later. */
const stages: readonly (readonly [step: string, laterMs: number])[] = [
  ["reading the unit", 60],
  ["running the service as it is", 500],
  ["observing it", 150],
  ["observing it", 900],
  ["rehearsing", 700],
  ["attacking it", 300],
  ["attacking it", 1500],
];

test("kill -9 at every stage leaves nothing, and the next command sweeps", async () => {
  const left = stages.map(async ([step, laterMs], index) => {
    const run = begin(`killed-${index}`);
    const closed = ended(run.child);
    await run.reached(step);
    await sleep(laterMs);
    await expect.poll(() => descendants(run.pid).length, { interval: 5 }).toBeGreaterThan(0);
    const processes = descendants(run.pid);
    run.child.kill("SIGKILL");
    expect((await closed).signal).toBe("SIGKILL");
    await expectGone(run, processes, `${step} + ${laterMs} ms`);
    return run.pid;
  });
  const pids = await Promise.all(left);
  const end = await cli.run(["observe", "./victim.service", "--workload", "false"]);
  expect(end.status).toBe(3);
  expect(pids.flatMap(cgroupsOf)).toEqual([]);
});

test("interrupted politely: the status says by what, and nothing is left", async () => {
  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const;
  const all = signals.map(async ([signal, status]) => {
    const run = begin(signal);
    const closed = ended(run.child);
    await run.reached("observing it");
    await sleep(600);
    const processes = descendants(run.pid);
    run.child.kill(signal);
    expect((await closed).status, signal).toBe(status);
    await expectGone(run, processes, signal);
    await expect.poll(() => cgroupsOf(run.pid)).toEqual([]);
  });
  await Promise.all(all);
});

test("Ctrl-C reaches Cloison alone, and all that it started ends with it", async () => {
  const run = begin("terminal");
  const closed = ended(run.child);
  await run.reached("observing it");
  await sleep(600);
  const processes = descendants(run.pid);
  // None of them is in the group that a terminal interrupts: their end, heard of first, would pass for a failure.
  expect(processes.filter(({ pid }) => groupOf(pid) === groupOf(run.pid))).toEqual([]);
  run.child.kill("SIGINT");
  expect((await closed).status).toBe(130);
  await expectGone(run, processes, "Ctrl-C");
});

function groupOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[2];
  } catch {
    return undefined;
  }
}
