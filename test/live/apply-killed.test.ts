/**
 * `apply` killed, -9, before any of the system calls with which it changes something, and at each step that it names: the
 * service is as it was, or as it was to be, within the window, and nothing of the trial is left. strace(1) kills it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Box } from "../../src/engines/box/box.ts";
import { bootHost, cli, hardened, layService, lookAt, untouched } from "./fixtures/apply-host.ts";
import { countCalls, type Strike, sampleOf, struck } from "./fixtures/strike.ts";

const WINDOW_SECONDS = 21;

let host: Box;

beforeAll(async () => {
  host = await bootHost();
});
afterAll(() => host.down());

/** Waits until every switch has done its work. */
async function settled(): Promise<void> {
  const timers = "systemctl list-units --all --no-legend 'cloison-apply-*'";
  for (let left = 240; left > 0 && (await host.run(["sh", "-c", timers])).stdout !== ""; left--) {
    await sleep(1000);
  }
}

test.concurrent("killed before a call that changes something, it heals within its window", async () => {
  await layService(host, "counted");
  const calls = await countCalls(host, "counted");
  expect(calls).toBeGreaterThan(15);
  const { seed, chosen } = sampleOf(calls, 5);
  const names = chosen.map((call) => `killed${call}`);
  for (const name of names) {
    await layService(host, name);
  }
  await Promise.all(chosen.map((call) => strike(`killed${call}`, { signal: "SIGKILL", nth: call })));
  await settled();
  for (const name of names) {
    const seen = await lookAt(host, name);
    expect([untouched, hardened], `${name} of ${calls}, seed ${seed}`).toContainEqual(seen);
    const undone = await host.run(["node", cli, "apply", "--undo", `${name}.service`]);
    expect([0, 3]).toContain(undone.status);
    expect(await lookAt(host, name)).toEqual(untouched);
    const left = `ls -d /var/lib/cloison/${name}.service /run/cloison-apply/${name}.service`;
    expect((await host.run(["sh", "-c", left])).stdout).toBe("");
  }
});

test.concurrent("killed at any step that it names, it heals within its window", async () => {
  const names = Array.from({ length: 7 }, (_, step) => `stepped${step}`);
  for (const name of names) {
    await layService(host, name);
  }
  await Promise.all(names.map((name, step) => killAtStep(name, step)));
  await settled();
  const seen = await Promise.all(names.map((name) => lookAt(host, name)));
  for (const one of seen) {
    expect([untouched, hardened]).toContainEqual(one);
  }
  // Killed early it never happened.
  expect(seen[0]).toEqual(untouched);
});

test.concurrent("killed when it was proved, it is finished by the switch", async () => {
  await layService(host, "proved");
  // It looks for its trial when it begins, and again as soon as it has decided.
  const path = "/run/cloison-apply/proved.service";
  await strike("proved", { signal: "SIGKILL", nth: 2, calls: "access", path });
  expect(await lookAt(host, "proved")).not.toEqual(hardened);
  await settled();
  expect(await lookAt(host, "proved")).toEqual(hardened);
});

test.concurrent("what a power cut left of an unfinished one is removed by the next undo, with its directories", async () => {
  await layService(host, "cut");
  const directory = "/etc/systemd/system/cut.service.d";
  await host.writeFile(`${directory}/zz-cloison.conf.cloison-new`, "half");
  await host.run(["mkdir", "-p", "-m", "700", "/var/lib/cloison/cut.service"]);
  await host.writeFile("/var/lib/cloison/cut.service/staged.conf", "half");
  expect((await host.run(["node", cli, "apply", "--undo", "cut.service"])).status).toBe(3);
  expect((await host.run(["ls", "-d", directory, "/var/lib/cloison/cut.service"])).stdout).toBe("");
});

function strike(name: string, how: Strike): Promise<unknown> {
  return host.run(struck(name, WINDOW_SECONDS, how), { timeoutMs: 280_000 });
}

/** Starts apply and kills it, -9, as soon as it has named its `step`-th step. */
function killAtStep(name: string, step: number): Promise<void> {
  const window = String(WINDOW_SECONDS);
  const child = host.spawn(["node", cli, "apply", `/root/out-${name}`, "--active", "1", "--window", window]);
  let seen = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.split("\n").length - 1 > step) {
      child.kill("SIGKILL"); // and with it all that it started inside
    }
  });
  return new Promise((done) => child.once("close", () => done()));
}
