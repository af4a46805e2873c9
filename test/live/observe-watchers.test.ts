/** What watches a unit of a box: it leaves the unit, the kernel and the machine as they were, also when it is killed. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { capabilityObserver } from "../../src/engines/observers/capability/tracepoint.ts";
import { observeUnit } from "../../src/engines/observers/observe.ts";
import { straceObserver } from "../../src/engines/observers/strace/observer.ts";
import { SystemError } from "../../src/linux/system-error.ts";
import { capabilities, mustSystemctl, program, startAndStop, unit } from "./fixtures/observed.ts";

let box: Box;
let mountsBefore: string;

beforeAll(async () => {
  mountsBefore = readFileSync("/proc/self/mounts", "utf8");
  box = await bootBox();
});

afterAll(async () => {
  await box.down();
  expect(readFileSync("/proc/self/mounts", "utf8")).toBe(mountsBefore);
});

test("leaves a service that it stops observing running and untraced", async () => {
  const path = await program(box, "stays", "sleep 100;");
  await unit(box, "stays.service", "[Service]", `ExecStart=${path}`);
  await observeUnit(box, "stays.service", async () => mustSystemctl(box, "start", "stays.service"));
  expect((await box.systemctl("is-active", "stays.service")).stdout).toBe("active\n");
  const main = (await box.showProperties("stays.service", ["MainPID"])).get("MainPID");
  expect((await box.readFile(`/proc/${main}/status`)).toString()).toContain("TracerPid:\t0\n");
  expect(readFileSync(`/proc/${box.leader}/status`, "utf8")).toContain("TracerPid:\t0\n");
});

function traceCapabilities(): ReturnType<typeof capabilityObserver.start> {
  return capabilityObserver.start({ leader: box.leader, trace: { unit: "nobody.service" } });
}

test("asks the kernel for capabilities that no call shows, and says where it cannot", async () => {
  const tracer = await traceCapabilities();
  if (tracer.kind === "lacks") {
    // Linux before 6.14, such as Debian 13's own 6.12: the smallest set is then found by trying.
    expect(tracer.need).toMatch(/^trace(point|fs)$/);
    return;
  }
  await tracer.stop(() => undefined);
  const path = await program(
    box,
    "powers",
    `open F, ">", "/var/lib/powers"; close F; chown 33, 33, "/var/lib/powers"; chmod 0600, "/var/lib/powers";
     open F, "<", "/var/lib/powers"; kill 0, 1;`,
  );
  await unit(box, "powers.service", "[Service]", "Type=oneshot", `ExecStart=${path}`);
  expect(capabilities(await startAndStop(box, "powers.service"))).toEqual([
    "CAP_CHOWN",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
  ]);
  await unit(box, "powers.service", "[Service]", "Type=oneshot", "User=33", `ExecStart=${path}`);
  expect(capabilities(await startAndStop(box, "powers.service"))).toEqual([]);
});

/** All tracing instances of this machine. */
function instances(): readonly string[] {
  const script = "mount -t tracefs t /sys/kernel/tracing && ls /sys/kernel/tracing/instances";
  const listed = execFileSync("unshare", ["-m", "--propagation", "private", "sh", "-c", script]).toString();
  return listed.split("\n").filter(Boolean);
}

/** Those that a process's own helper made: others may be observing at the same time. */
function instancesOf(owner: number): readonly string[] {
  return instances().filter((name) => parentOf(Number(/^cloison-(\d+)$/.exec(name)?.[1])) === owner);
}

/** State, parent, process group … of a process: what follows its name in stat; nothing if it is gone. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

test("leaves no tracing instance behind, also when its helper is killed", async () => {
  expect(instancesOf(process.pid)).toEqual([]);
  const tracer = await traceCapabilities();
  if (tracer.kind === "lacks") {
    return expect(instancesOf(process.pid)).toEqual([]);
  }
  const [made = ""] = instancesOf(process.pid);
  const helper = Number(made.split("-")[1]);
  expect(parentOf(helper)).toBe(process.pid);
  process.kill(-Number(statOf(helper)[2]), "SIGKILL");
  await expect.poll(() => existsSync(`/proc/${helper}`)).toBe(false);
  expect(instances()).toContain(made);
  const { observation } = await tracer.stop(() => undefined);
  expect(observation.gaps).toEqual([{ code: "capabilities-ended", count: 1 }]);
  const next = await traceCapabilities();
  expect(instances()).not.toContain(made);
  if (next.kind === "observing") {
    await next.stop(() => undefined);
  }
  expect(instancesOf(process.pid)).toEqual([]);
});

test("leaves nothing watching when it is killed itself", async () => {
  const directory = mkdtempSync("/tmp/cloison-observer-");
  const outfile = `${directory}/observe-box.mjs`;
  const entryPoints = [`${import.meta.dirname}/fixtures/observe-box.ts`];
  buildSync({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
  const child = spawn(process.execPath, [outfile], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { leader, tracer } = JSON.parse(line);
    const made = instancesOf(child.pid as number);
    expect(existsSync(`/proc/${tracer}`)).toBe(true);
    child.kill("SIGKILL");
    await expect.poll(() => [leader, tracer].filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    const left = () => instances().filter((name) => made.includes(name));
    await expect.poll(left).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  }
});

function tracerOf(pid: number): number {
  return Number(/^TracerPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

test("says so when strace is killed in the middle, and when there is none", async () => {
  const killed = observeUnit(box, "stays.service", async () => {
    process.kill(tracerOf(box.leader), "SIGKILL");
    await expect.poll(() => tracerOf(box.leader)).toBe(0);
  });
  await expect(killed).rejects.toThrow(/observe with strace: strace ended by itself \(SIGKILL\)/);
  expect((await box.systemctl("is-system-running")).stdout).toMatch(/running|degraded/);
  const nothing = observeUnit(box, "stays.service", async () => undefined, {
    observers: [straceObserver("/nonexistent/strace")],
  });
  const missing = await nothing.catch((cause: unknown) => cause);
  expect(missing).toBeInstanceOf(SystemError);
  expect((missing as SystemError).help).toContain("apt-get install strace");
  expect(readdirSync(`${box.root}/run/systemd/system`).filter((name) => name.startsWith("stays"))).toEqual([
    "stays.service.d",
  ]);
  expect(readdirSync(`${box.root}/run/systemd/system/stays.service.d`)).toEqual([]);
});
