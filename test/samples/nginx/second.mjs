/** What nginx's first workload never did: large files, ranges, compression, IPv6, refusals, log rotation, a dead worker. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { eventually, get, http, killWorker, place, rotateLog, workload } from "../client.mjs";

const site = "http://127.0.0.1";

await workload("nginx", async () => {
  const large = Buffer.alloc(6_000_000, "0123456789abcdef");
  const text = "<p>a paragraph that says little</p>\n".repeat(2000);
  place("/var/www/html/files/large.bin", large);
  place("/var/www/html/files/text.html", text);
  await eventually("the front page", () => get(`${site}/`));
  assert.deepEqual((await get(`${site}/files/large.bin`)).bytes, large, "a large file");
  const part = await get(`${site}/files/large.bin`, 206, { range: "bytes=16-31" });
  assert.equal(part.text, "0123456789abcdef", "a part of it");
  const packed = await get(`${site}/files/text.html`, 200, { "accept-encoding": "gzip" });
  assert.equal(packed.headers["content-encoding"], "gzip");
  assert.equal(gunzipSync(packed.bytes).toString(), text, "compressed text");
  await get(`${site}/files/`, 403);
  await get("http://[::1]/", 200);
  const posted = await http(`${site}/files/text.html`, { method: "POST", body: Buffer.alloc(500_000, "x") });
  assert.equal(posted.status, 405, "a static page takes no POST");
  await Promise.all(Array.from({ length: 60 }, () => get(`${site}/files/text.html`)));

  const master = Number(readFileSync("/run/nginx.pid", "utf8"));
  await rotateLog(
    "/var/log/nginx/access.log",
    () => process.kill(master, "SIGUSR1"),
    () => get(`${site}/`),
  );
  await killWorker(master);
  await get(`${site}/files/text.html`);
  execFileSync("systemctl", ["reload", "nginx.service"]);
  await eventually("after a reload", () => get(`${site}/files/text.html`));
});
