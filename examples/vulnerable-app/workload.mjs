/**
 * What ordinary visitors do: register, sign in, sell a book with a picture, search, look at covers, read a publisher's
 * page, sign out. Exit status 0 if everything works, otherwise 1 and the first thing that does not.
 */
import { strict as assert } from "node:assert";
import { pixmap, visitor, waitForShop } from "./client.mjs";

const publisher = process.env.PUBLISHER_URL ?? "http://10.20.0.7/";

async function main() {
  await waitForShop();
  const name = `anna${Date.now().toString(36)}${process.pid}`;
  const account = { name, password: "correct horse" };
  const anna = visitor();
  assert.equal((await anna.get("/")).status, 200, "the front page");
  assert.equal((await anna.post("/register", account)).status, 302, "registering");
  assert.equal(
    (await anna.post("/login", { ...account, password: "wrong" })).status,
    403,
    "a wrong password is refused",
  );
  assert.equal((await anna.post("/login", account)).status, 302, "signing in");
  assert.match((await anna.get("/")).text, new RegExp(`signed in as ${name}`), "the session is known");

  const title = `Walls ${name}`;
  const picture = pixmap(160, 240);
  const sold = await anna.upload(
    "/books",
    { title, author: "C. Loison", size: "80x120" },
    { name: "walls.ppm", bytes: picture },
  );
  assert.equal(sold.status, 201, `selling a book: ${sold.text.slice(0, 400)}`);
  const number = /Book (\d+) is for sale/.exec(sold.text)?.[1];
  const found = await anna.get(`/?q=${encodeURIComponent(title)}`);
  assert.match(found.text, new RegExp(`<b>${title}</b>`), "the book is found");
  const cover = await anna.get(`/cover?name=${number}-walls.ppm`);
  assert.deepEqual(cover.bytes, picture, "the cover comes back as it was sent");
  const thumb = await anna.get(`/thumb/${number}`);
  assert.equal(thumb.bytes.subarray(1, 4).toString(), "PNG", "there is a thumbnail");
  assert.match((await anna.get("/?q=nothing-like-this")).text, /No book found/, "an empty search");
  assert.match((await anna.post("/preview", { url: publisher })).text, /Spring catalogue/, "a publisher's page");
  assert.equal((await anna.get("/static/style.css")).status, 200, "the style sheet");
  assert.equal((await anna.get("/cover?name=none")).status, 404, "a cover that does not exist");
  assert.equal((await anna.post("/logout", {})).status, 302, "signing out");
  assert.equal((await anna.post("/preview", { url: publisher })).status, 401, "visitors are asked to sign in");
}

try {
  await main();
  process.stdout.write("the bookshop works: accounts, sessions, uploads, thumbnails, search, previews\n");
} catch (error) {
  process.stderr.write(`the bookshop does not work: ${error.message.split("\n")[0]}\n`);
  process.exitCode = 1;
}
