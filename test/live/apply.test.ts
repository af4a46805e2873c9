/**
 * `apply` on a host of its own: the box stands for the host, and the built command line runs inside it. What is checked is
 * what systemd says of the service afterwards.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../../src/core/report/report.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";

const checkout = join(import.meta.dirname, "../..");
const cli = "/opt/cloison/dist/cli/main.js";
const dropIn = "[Service]\nProtectClock=yes\n";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

let host: Box;
let systemd: string;

beforeAll(async () => {
  host = await bootBox({ bindReadOnly: [{ source: checkout, target: "/opt/cloison" }] });
  // This box plays a host: what a box adds to every unit is no part of it.
  await host.run(["rm", "-r", "/run/systemd/system/service.d"]);
  await host.systemctl("daemon-reload");
  systemd = (await host.run(["systemctl", "--version"])).stdout.split("\n")[0]?.match(/\(([^)]+)\)/)?.[1] ?? "";
});
afterAll(() => host.down());

function unitText(command: string): string {
  return `[Service]\nExecStart=${command}\n`;
}

/** Installs and starts a service on the "host", and lays a bundle for it beside, as `harden` would have. */
async function given(name: string, bundle: { conf?: string; unit?: string; systemd?: string } = {}): Promise<string> {
  const text = unitText("/usr/bin/sleep infinity");
  await host.writeFile(`/etc/systemd/system/${name}.service`, text);
  await host.systemctl("daemon-reload");
  await host.systemctl("start", `${name}.service`);
  const directory = `/root/out-${name}`;
  const conf = bundle.conf ?? dropIn;
  const unit = bundle.unit ?? text;
  const report: Report = {
    schema: "cloison.report/1",
    unit: `${name}.service`,
    level: "balanced",
    systemd: bundle.systemd ?? systemd,
    kernel: "6",
    exposure: { before: 9.6, after: 9.4 },
    workload: { before: "pass", after: "pass" },
    syscalls: { before: 380, after: 380 },
    capabilities: { before: [], after: [] },
    writable: { before: ["/"], after: ["/"] },
    namespaces: { before: [], after: [] },
    probes: [],
    notApplicable: [],
    directives: [],
    doors: [],
    notEnforced: [],
    warnings: [],
    hashes: {
      dropIn: sha256(conf),
      unit: sha256(`\0${unit.length}\0${unit}`),
      executables: { "/usr/bin/sleep": sha256((await host.readFile("/usr/bin/sleep")).toString("latin1")) },
    },
  };
  const sleep = createHash("sha256")
    .update(await host.readFile("/usr/bin/sleep"))
    .digest("hex");
  await host.run(["mkdir", "-p", "-m", "700", directory]);
  await host.writeFile(
    `${directory}/report.json`,
    JSON.stringify({ ...report, hashes: { ...report.hashes, executables: { "/usr/bin/sleep": sleep } } }),
    0o600,
  );
  await host.writeFile(`${directory}/hardening.conf`, conf, 0o600);
  return directory;
}

const apply = (...words: string[]) => host.run(["node", cli, "apply", ...words], { timeoutMs: 60_000 });

async function stateOf(name: string): Promise<{ clock: boolean; active: boolean; files: string }> {
  const shown = await host.showProperties(`${name}.service`, ["ProtectClock", "ActiveState"]);
  const listed = await host.run(["sh", "-c", `ls '/etc/systemd/system/${name}.service.d' 2>/dev/null`]);
  return {
    clock: shown.get("ProtectClock") === "yes",
    active: shown.get("ActiveState") === "active",
    files: listed.stdout.trim(),
  };
}

const untouched = { clock: false, active: true, files: "" };
const hardened = { clock: true, active: true, files: "zz-cloison.conf" };

test("apply installs the very bytes, restarts the service, disarms its switch; undo takes it back", async () => {
  const directory = await given("fine");
  const applied = await apply(directory, "--active", "1", "--check", "systemctl is-active --quiet fine.service");
  expect(applied.stderr + applied.stdout).toContain("the check passed");
  expect(applied.status).toBe(0);
  expect(await stateOf("fine")).toEqual(hardened);
  expect((await host.readFile("/etc/systemd/system/fine.service.d/zz-cloison.conf")).toString()).toBe(dropIn);
  expect((await host.run(["systemctl", "list-timers", "--all", "--no-legend"])).stdout).not.toContain("cloison-undo");
  expect((await apply("--undo", "fine.service")).status).toBe(0);
  expect(await stateOf("fine")).toEqual(untouched);
  expect((await apply("--undo", "fine.service")).status).toBe(3);
});

test("undo restores a drop-in that was there before Cloison came", async () => {
  const earlier = "[Service]\nProtectHostname=yes\n";
  const directory = await given("earlier");
  await host.writeFile("/etc/systemd/system/earlier.service.d/zz-cloison.conf", earlier);
  await host.systemctl("daemon-reload");
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  expect((await apply("--undo", "earlier.service")).status).toBe(0);
  expect((await host.readFile("/etc/systemd/system/earlier.service.d/zz-cloison.conf")).toString()).toBe(earlier);
});

test("a service that does not come up with the new walls is as it was, and the status is 3", async () => {
  const directory = await given("broken", { conf: "[Service]\nExecStartPre=/bin/false\n" });
  const applied = await apply(directory, "--active", "1");
  expect(applied.status).toBe(3);
  expect(applied.stderr).toMatch(/broken\.service/);
  expect(await stateOf("broken")).toEqual(untouched);
});

test("a check that fails takes the drop-in back", async () => {
  const directory = await given("unchecked");
  const applied = await apply(directory, "--active", "1", "--check", "false");
  expect(applied.status).toBe(3);
  expect(await stateOf("unchecked")).toEqual(untouched);
});

test("a unit with an escape in its name is put back like any other", async () => {
  const directory = await given("my\\x2dshop");
  const applied = await apply(directory, "--active", "1", "--check", "false");
  expect(applied.stderr).toContain("the check failed with the new walls");
  expect(applied.status).toBe(3);
  expect(await stateOf("my\\x2dshop")).toEqual(untouched);
});

test("whatever differs from what was rehearsed is refused, and nothing is touched", async () => {
  const refusals: [string, string][] = [
    [await given("othertext", { unit: unitText("/usr/bin/sleep 1") }), "the unit"],
    [await given("othersystemd", { systemd: "1 (1)" }), "systemd"],
  ];
  const altered = await given("altered");
  await host.writeFile(`${altered}/hardening.conf`, `${dropIn}#\n`, 0o600);
  refusals.push([altered, "hash"]);
  const writable = await given("writable");
  await host.run(["chmod", "777", writable]);
  refusals.push([writable, "writable by nobody else"]);
  const foreign = await given("foreign");
  await host.run(["chown", "nobody", foreign]);
  refusals.push([foreign, "root"]);
  const linked = await given("linked");
  await host.run(["sh", "-c", `cd ${linked} && mv hardening.conf real && ln -s real hardening.conf`]);
  refusals.push([linked, "hardening.conf"]);
  for (const [directory, reason] of refusals) {
    const applied = await apply(directory, "--active", "1");
    expect(applied.stderr).toContain(reason);
    expect(applied.status).toBe(3);
    expect(await stateOf(directory.replace("/root/out-", ""))).toEqual(untouched);
  }
});

test("apply killed at any step leaves the old state or the new one, healed within its window", async () => {
  const steps = 9;
  const names = Array.from({ length: steps }, (_, index) => `killed${index}`);
  for (const name of names) {
    await given(name);
  }
  await Promise.all(names.map((name, index) => killAtStep(name, index)));
  await new Promise((wake) => setTimeout(wake, 24_000));
  const states = await Promise.all(names.map((name) => stateOf(name)));
  for (const state of states) {
    expect([untouched, hardened]).toContainEqual(state);
  }
  // Both outcomes occur: killed early it never happened, killed late it stays.
  expect(states[0]).toEqual(untouched);
  expect(states.at(-1)).toEqual(hardened);
});

/** Starts apply and kills it, -9, as soon as it has named its `step`-th step. */
function killAtStep(name: string, step: number): Promise<void> {
  const child = host.spawn(["node", cli, "apply", `/root/out-${name}`, "--active", "1", "--window", "21"]);
  let seen = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.split("\n").length - 1 > step) {
      child.kill("SIGKILL"); // and with it all that it started inside
    }
  });
  return new Promise((done) => child.once("close", () => done()));
}
