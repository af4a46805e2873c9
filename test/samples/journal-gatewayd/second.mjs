/** What the first workload never did: the page, field values, other formats, following, many at once, activation anew. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { eventually, get, http, workload } from "../client.mjs";

const server = "http://127.0.0.1:19531";

await workload("systemd-journal-gatewayd", async () => {
  await eventually("the page", () => get(`${server}/browse`));
  assert.match((await get(`${server}/fields/_COMM`)).text, /^systemd$/m, "the values of a field");
  const text = await get(`${server}/entries?_PID=1`, 200, { accept: "text/plain", range: "entries=:-3:2" });
  assert.equal(text.text.trim().split("\n").length, 2, "two lines of text");
  const exported = await get(`${server}/entries?boot`, 200, { accept: "application/vnd.fdo.journal" });
  assert.match(exported.text, /^__CURSOR=/m, "the export format");
  assert.equal((await http(`${server}/entries`, { method: "POST" })).status, 406, "nothing can be written");
  await get(`${server}/nowhere`, 404);
  await follow();
  await Promise.all(Array.from({ length: 20 }, () => get(`${server}/machine`)));
  execFileSync("systemctl", ["stop", "systemd-journal-gatewayd.service"]);
  await eventually("activated anew", () => get(`${server}/machine`));
});

/** Waits for a line that is written while the connection stands. */
function follow() {
  const mark = `mark ${process.pid} ${Date.now()}`;
  return new Promise((resolve, reject) => {
    const headers = { accept: "text/event-stream", range: "entries=:-1:100000" };
    const sent = request(`${server}/entries?follow`, { headers, agent: false, timeout: 10_000 }, (response) => {
      let seen = "";
      response.on("data", (chunk) => {
        seen += chunk;
        if (seen.includes(mark)) {
          sent.destroy();
          resolve();
        }
      });
      response.on("close", () => reject(new Error("a new line is not seen by who follows")));
      response.on("error", () => {});
      execFileSync("logger", [mark]);
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", reject);
    sent.end();
  });
}
