/**
 * `apply` on a host that goes down: a virtual machine with systemd as PID 1 is brought into every window of apply and of its
 * undo, one service for each, and goes down there: by a power cut, by the kernel without a goodbye, in order. After the
 * reboot each service runs with what was proved or as it was, and what Cloison says of it is true.
 * Tests src/engines/apply.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleOf } from "../live/fixtures/strike.ts";
import { type Found, makeRebootingHost, type RebootingHost, states } from "./fixtures/rebooting-host.ts";
import { type Window, windows } from "./fixtures/windows.ts";

let host: RebootingHost;

beforeAll(async () => {
  host = makeRebootingHost();
  await host.comeUp();
  for (const { name } of windows) {
    await host.laySite(name);
  }
});
afterAll(() => host.discard());

test("after a power cut each service runs with what was proved or as it was", async () => {
  await enter(windows);
  await host.vm.crash();
  await host.comeUp();
  await expectWhole(windows, true);
});

test("after a reset by the kernel, too", async () => {
  const some = sampled();
  await enter(some);
  await host.vm.goDown("echo b >/proc/sysrq-trigger");
  await host.comeUp();
  await expectWhole(some, true);
});

test("after an orderly reboot, too, which ends or finishes what was stopped", async () => {
  const some = sampled();
  await enter(some);
  await host.vm.goDown("systemctl reboot");
  await host.comeUp();
  await expectWhole(some, false);
});

/** SAMPLE windows by SEED; SAMPLE=all takes all. */
function sampled(): readonly Window[] {
  const size = process.env.SAMPLE === "all" ? windows.length : Number(process.env.SAMPLE ?? 5);
  const { seed, chosen } = sampleOf(windows.length, size);
  const some = windows.filter((_, index) => chosen.includes(index + 1));
  process.stdout.write(`SEED=${seed}: ${some.map(({ name }) => name).join(", ")}\n`);
  return some;
}

async function enter(all: readonly Window[]): Promise<void> {
  for (const window of all) {
    await host.enter(window);
  }
}

/** `cut`: whether nothing could be done any more where it was stopped; else it may have been finished or taken back. */
async function expectWhole(all: readonly Window[], cut: boolean): Promise<void> {
  const before = new Map<string, Found>();
  for (const window of all) {
    const found = await host.find(window.name);
    const { former, proved } = states(window);
    const unfinished = { ...former, files: `${former.files} zz-cloison.conf.cloison-new`.trim() };
    const formers = window.unfinished ? [former, unfinished] : [former];
    const allowed = { former: formers, proved: [proved], either: [...formers, proved] }[cut ? window.after : "either"];
    expect.soft(allowed, `${window.name}: ${JSON.stringify(found)}`).toContainEqual(found);
    before.set(window.name, found);
  }
  const listed = await host.list();
  for (const window of all) {
    const found = before.get(window.name);
    const said = listed.find(({ unit }) => unit === `${window.name}.service`);
    expect.soft(truths(window, found), `${window.name}: ${JSON.stringify(found)}`).toContainEqual(said);
  }
  for (const { name } of all) {
    expect.soft([0, 3], name).toContain((await host.cloison("apply", "--undo", `${name}.service`)).status);
    expect.soft(await host.find(name), name).toEqual(states({}).former);
  }
  const left = "ls -d /var/lib/cloison /etc/systemd/system/*.service.d /run/systemd/system.control/* 2>/dev/null";
  expect.soft((await host.sh(left)).stdout.trim()).toBe("");
  expect.soft(await host.list()).toEqual([]);
}

/** What `--list` may say of what was found: that it is applied and as it was, that nothing is, or what an undo took away. */
function truths(window: Window, found: Found | undefined): readonly unknown[] {
  if (found?.text !== "") {
    return [expect.objectContaining({ state: "installed", differs: [], active: "active" })];
  }
  const gone = { what: "drop-in", reason: expect.stringContaining("is gone") };
  const undone = expect.objectContaining({ state: "installed", differs: [gone], active: "active" });
  const nothing = expect.objectContaining({ state: "none", differs: [], active: "active" });
  return window.stopped === "undo" ? [undefined, undone] : [undefined, nothing];
}
