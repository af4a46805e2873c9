/** What the first workload of the bookshop never did: other formats, a large upload, odd names, log rotation, a dead worker. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { pixmap, visitor, waitForShop } from "../../../examples/vulnerable-app/client.mjs";
import { get, killWorker, rotateLog, workload } from "../client.mjs";

const shop = "http://127.0.0.1:8000";

await workload("the bookshop", async () => {
  await waitForShop();
  const bert = visitor();
  const name = `bert${Date.now().toString(36)}`;
  assert.equal((await bert.post("/register", { name, password: "battery staple" })).status, 302, "registering");

  // Larger than what stays in memory: the upload passes through a temporary file.
  const large = await sell(bert, "large.ppm", pixmap(1200, 900), "300x");
  assert.equal(large.cover.length, 1200 * 900 * 3 + 16, "a large cover comes back whole");
  const grey = Buffer.concat([Buffer.from("P5\n64 64\n255\n"), Buffer.alloc(64 * 64, 100)]);
  await sell(bert, "Ein Buch über Wände.pgm", grey, "50%");
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40"/></svg>';
  await sell(bert, "drawing.svg", Buffer.from(drawing), "40x40");
  const again = await bert.get(`/thumb/${large.number}`);
  await sell(bert, "a thumbnail.png", again.bytes, "20x20");
  const refused = await bert.upload(
    "/books",
    { title: "t", author: "a" },
    { name: "no.ppm", bytes: Buffer.from("no picture") },
  );
  assert.equal(refused.status, 422, "what is no picture is refused");

  const main = execFileSync("systemctl", ["show", "--value", "-p", "MainPID", "bookshop.service"], {
    encoding: "utf8",
  });
  const master = Number(main);
  await rotateLog(
    "/var/log/bookshop/access.log",
    () => process.kill(master, "SIGUSR1"),
    () => get(`${shop}/health`),
  );
  await killWorker(master);
  await waitForShop();
  execFileSync("systemctl", ["reload", "bookshop.service"]);
  await waitForShop();
  await Promise.all(Array.from({ length: 20 }, () => get(`${shop}/?q=wand`)));
});

async function sell(seller, file, bytes, size) {
  const sold = await seller.upload("/books", { title: file, author: "B. Wand", size }, { name: file, bytes });
  assert.equal(sold.status, 201, `selling ${file}: ${/converter said: (.*)/.exec(sold.text)?.[1]}`);
  const number = /Book (\d+) is for sale/.exec(sold.text)[1];
  const cover = await seller.get(`/cover?name=${encodeURIComponent(`${number}-${file}`)}`);
  assert.deepEqual(cover.bytes, bytes, `the cover ${file}`);
  const thumb = await seller.get(`/thumb/${number}`);
  assert.equal(thumb.bytes.subarray(1, 4).toString(), "PNG", `the thumbnail of ${file}`);
  return { number, cover: cover.bytes };
}
