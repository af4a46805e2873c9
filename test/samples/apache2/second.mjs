/** What Apache's first workload never did: listings, its status page, large files, ranges, IPv6, log rotation, a dead worker. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { eventually, get, http, killWorker, place, rotateLog, workload } from "../client.mjs";

const site = "http://127.0.0.1";

await workload("apache2", async () => {
  const large = Buffer.alloc(5_000_000, "0123456789abcdef");
  const text = "<p>a paragraph that says little</p>\n".repeat(2000);
  place("/var/www/html/files/large.bin", large);
  place("/var/www/html/files/text.html", text);
  await eventually("the front page", () => get(`${site}/`));
  assert.deepEqual((await get(`${site}/files/large.bin`)).bytes, large, "a large file");
  const part = await get(`${site}/files/large.bin`, 206, { range: "bytes=-16" });
  assert.equal(part.text, "0123456789abcdef", "a part of it");
  assert.match((await get(`${site}/files/`)).text, /large\.bin/, "a listing");
  assert.match((await get(`${site}/server-status?auto`)).text, /^BusyWorkers: /m, "the status page");
  const packed = await get(`${site}/files/text.html`, 200, { "accept-encoding": "gzip" });
  assert.equal(gunzipSync(packed.bytes).toString(), text, "compressed text");
  await get("http://[::1]/", 200);
  assert.equal((await http(`${site}/`, { method: "OPTIONS" })).status, 200);
  await Promise.all(Array.from({ length: 60 }, () => get(`${site}/files/text.html`)));

  const master = Number(readFileSync("/run/apache2/apache2.pid", "utf8"));
  await rotateLog(
    "/var/log/apache2/access.log",
    () => process.kill(master, "SIGUSR1"),
    () => get(`${site}/`),
  );
  await killWorker(master);
  await eventually("with a new worker", () => get(`${site}/files/text.html`));
  execFileSync("systemctl", ["reload", "apache2.service"]);
  await eventually("after a reload", () => get(`${site}/files/text.html`));
});
