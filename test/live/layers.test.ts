/**
 * Layers: what is installed in them is there in a box, nothing of it reaches the machine, and every sample service works
 * there, with both of its workloads, before anything is hardened: the baseline that all hardening is compared with.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { checkout, layersOf, samples } from "./fixtures/samples.ts";

const scratch = mkdtempSync("/var/tmp/cloison-layers-");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function withBox<T>(layers: readonly string[], addresses: readonly string[], use: (box: Box) => Promise<T>) {
  const box = await bootBox({ layers, addresses, bindReadOnly: [{ source: checkout, target: checkout }] });
  try {
    return await use(box);
  } finally {
    await box.down();
  }
}

async function must(box: Box, argv: readonly string[]): Promise<string> {
  const result = await box.run(argv, { cwd: checkout, timeoutMs: 280_000 });
  expect(result.status, `${argv.join(" ")}: ${result.stderr}`).toBe(0);
  return result.stdout;
}

/** Whose processes a unit has: a name of the box's /etc/passwd, or `dynamic` for the range of DynamicUser= (systemd.exec(5)). */
async function usersOf(box: Box, unit: string): Promise<ReadonlySet<string>> {
  const group = (await box.showProperties(unit, ["ControlGroup"])).get("ControlGroup") ?? "";
  const pids = (await must(box, ["cat", `/sys/fs/cgroup${group}/cgroup.procs`])).trim().split("\n");
  const uids = (await must(box, ["ps", "-o", "uid=", "-p", pids.join(",")])).trim().split(/\s+/);
  const passwd = (await box.readFile("/etc/passwd")).toString().split("\n");
  const names = new Map(passwd.map((line) => line.split(":")).map(([name, , uid]) => [uid, name]));
  const dynamic = (uid: string) => (Number(uid) >= 61184 && Number(uid) <= 65519 ? "dynamic" : uid);
  return new Set(uids.map((uid) => names.get(uid) ?? dynamic(uid)));
}

describe.each(samples())("sample %s", (_, sample) => {
  test("works in a box before it is hardened", async () => {
    await withBox(layersOf(sample.layer), sample.addresses, async (box) => {
      for (const unit of sample.start) {
        await must(box, ["systemctl", "start", unit]);
      }
      await must(box, ["systemctl", "start", sample.unit]);
      await must(box, sample.workload);
      expect(await usersOf(box, sample.unit)).toEqual(new Set(sample.users));
      await must(box, sample.second);
      await box.systemctl("stop", sample.unit);
      const stopped = await box.showProperties(sample.unit, ["Result"]);
      expect(stopped.get("Result")).toBe("success");
    });
  });
});

test("the machine has nothing of what a layer installs", () => {
  const [layer] = layersOf("demo-packages");
  expect(existsSync(`${layer}/usr/bin/valkey-server`)).toBe(true);
  expect(existsSync(`${layer}/usr/sbin/policy-rc.d`)).toBe(false);
  expect(existsSync(`${layer}/var/lib/apt/lists`)).toBe(false);
  expect(readFileSync(`${layer}/etc/passwd`, "utf8")).toMatch(/^valkey:/m);
  expect(readFileSync("/etc/passwd", "utf8")).not.toMatch(/^(alice|ledger|notes):/m);
  expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain("/cloison/layers");
});

/** A recipe that stands still in the middle, run by a process of its own with a cache of its own. */
function slowBuild(cache: string) {
  const script = join(scratch, "slow.mjs");
  writeFileSync(
    script,
    `import { ensureLayer } from ${JSON.stringify(join(checkout, "tools/setup/layer.mjs"))};
     const recipes = { slow: { files: [], run: "echo in >/opt/half; sleep 300" } };
     ensureLayer("slow", recipes, () => {});`,
  );
  return spawn(process.execPath, [script], { stdio: "ignore", env: { ...process.env, CLOISON_CACHE: cache } });
}

test("a build that is killed leaves no mount, no process and no layer", async () => {
  const cache = join(scratch, "cache");
  const child = slowBuild(cache);
  const half = () => readdirSync(scratch, { recursive: true }).some((name) => String(name).endsWith("upper/opt/half"));
  while (!half()) {
    expect(child.exitCode).toBe(null);
    await sleep(20);
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  const left = () =>
    execFileSync("sh", ["-c", `grep -l '${cache}' /proc/[0-9]*/mountinfo 2>/dev/null || :`], { encoding: "utf8" });
  await expect.poll(left).toBe("");
  const names = readdirSync(join(cache, "layers")).filter((name) => !name.startsWith("."));
  expect(names.filter((name) => !/\.(partial|tree)$/.test(name))).toEqual([]);
});

test("set-up that is done already does nothing and says nothing", () => {
  const said: string[] = [];
  const want = ["tools", "node_modules", "layers:demo", "layers:samples"];
  prepare({ want, say: () => {} });
  const first = prepare({ want, say: (line) => said.push(line) });
  expect(said).toEqual([]);
  expect(first.layers.demo).toHaveLength(2);
});
