/** What the samples' workloads share: waiting until a service answers, HTTP requests, files, log rotation. Plain Node 20. */
import { strict as assert } from "node:assert";
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Calls `attempt` until it does not throw, for at most `seconds`. */
export async function eventually(what, attempt, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) {
        throw new Error(`${what}: ${error.message}`);
      }
      await sleep(50);
    }
  }
}

/** One HTTP request on a connection of its own. `to` is a URL, or `{socketPath, path}`. */
export function http(to, { method = "GET", headers = {}, body } = {}) {
  const options = typeof to === "string" ? new URL(to) : to;
  return new Promise((resolve, reject) => {
    const sent = request(options, { method, headers, agent: false, timeout: 10_000 }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("close", () => reject(new Error("the answer was cut off")));
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A GET that must have this status. */
export async function get(to, status = 200, headers = {}) {
  const answer = await http(to, { headers });
  assert.equal(answer.status, status, `GET ${typeof to === "string" ? to : to.path}`);
  return answer;
}

/** Puts a file where the service finds it, readable for everyone. */
export function place(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, 0o644);
}

/**
 * What logrotate does: moves the log away and lets `reopen` tell the service; then the new one must grow. `create`: as by the `create` of
 * Debian's /etc/logrotate.conf it makes the new one first, with the mode and the owner of the old.
 */
export async function rotateLog(path, reopen, cause, { create = false } = {}) {
  const { mode, uid, gid } = statSync(path);
  renameSync(path, `${path}.1`);
  if (create) {
    writeFileSync(path, "", { mode: mode & 0o777 });
    chownSync(path, uid, gid);
  }
  await reopen();
  await eventually(`${path} after rotation`, async () => {
    await cause();
    assert.ok(readFileSync(path).length > 0, "nothing is written to it");
  });
}

/** The pids whose parent is `parent`. */
export function childrenOf(parent) {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);
}

/** Kills one worker of a master and waits until there is another. */
export async function killWorker(master) {
  const before = childrenOf(master);
  const victim = before.at(-1);
  assert.ok(victim !== undefined, "the master has workers");
  process.kill(victim, "SIGKILL");
  await eventually("another worker", () => {
    const fresh = childrenOf(master).filter((pid) => !before.includes(pid));
    assert.ok(fresh.length > 0, "no new worker yet");
  });
}

/** Runs a workload: one line and status 0 if all of it works, else what does not and status 1. */
export async function workload(name, main) {
  try {
    await main();
    process.stdout.write(`${name} works\n`);
  } catch (error) {
    process.stderr.write(`${name} does not work: ${error.message.split("\n")[0]}\n`);
    process.exitCode = 1;
  }
}
