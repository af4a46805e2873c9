/** A few visitors of a static site. */
import { strict as assert } from "node:assert";
import { eventually, get, http, place, workload } from "../client.mjs";

const site = "http://127.0.0.1";

await workload("nginx", async () => {
  place("/var/www/html/hello.html", "<h1>hello</h1>\n");
  await eventually("the front page", () => get(`${site}/`));
  const page = await get(`${site}/hello.html`);
  assert.equal(page.text, "<h1>hello</h1>\n");
  await get(`${site}/hello.html`, 304, { "if-modified-since": page.headers["last-modified"] });
  await get(`${site}/missing`, 404);
  assert.equal((await http(`${site}/hello.html`, { method: "HEAD" })).status, 200);
});
