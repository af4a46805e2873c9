/** What the first workload never did: attachments, exports, deletion, events, bad input, many at once, a dead worker, a reload. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { eventually, get, http, killWorker, workload } from "../client.mjs";

const notes = "http://127.0.0.1:3000";

await workload("notes", async () => {
  await eventually("the page", () => get(`${notes}/`));
  const large = Buffer.alloc(4_000_000, "0123456789");
  assert.equal((await http(`${notes}/files/large.bin`, { method: "PUT", body: large })).status, 201, "an attachment");
  assert.deepEqual((await get(`${notes}/files/large.bin`)).bytes, large, "the attachment comes back");
  const long = await http(`${notes}/notes`, { method: "POST", body: JSON.stringify({ text: "ü".repeat(200_000) }) });
  const { id } = JSON.parse(long.text);
  const exported = JSON.parse(gunzipSync((await get(`${notes}/export`)).bytes).toString());
  assert.ok(
    exported.some((note) => note.id === id),
    "the note is in the export",
  );
  assert.equal((await http(`${notes}/notes/${id}`, { method: "DELETE" })).status, 204, "deleting");
  await get(`${notes}/notes/${id}`, 404);
  assert.equal((await http(`${notes}/notes`, { method: "POST", body: "{" })).status, 500, "what is no JSON");
  assert.match(await firstEvent(), /^data: \d+/, "events");
  await Promise.all(Array.from({ length: 50 }, () => get(`${notes}/notes`)));

  const main = execFileSync("systemctl", ["show", "--value", "-p", "MainPID", "notes.service"], { encoding: "utf8" });
  await killWorker(Number(main));
  await eventually("with a new worker", () => get(`${notes}/notes`));
  execFileSync("systemctl", ["reload", "notes.service"]);
  await eventually("after a reload", () => get(`${notes}/export`));
});

function firstEvent() {
  return new Promise((resolve, reject) => {
    const sent = request(`${notes}/events`, { agent: false, timeout: 10_000 }, (response) => {
      response.once("data", (chunk) => {
        resolve(chunk.toString());
        sent.destroy();
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
