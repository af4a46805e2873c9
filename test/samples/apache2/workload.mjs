/** A few visitors of a static site. */
import { strict as assert } from "node:assert";
import { eventually, get, http, place, workload } from "../client.mjs";

const site = "http://127.0.0.1";

await workload("apache2", async () => {
  place("/var/www/html/hello.txt", "hello\n");
  await eventually("the front page", () => get(`${site}/`));
  assert.equal((await get(`${site}/hello.txt`)).text, "hello\n");
  await get(`${site}/missing`, 404);
  assert.equal((await http(`${site}/hello.txt`, { method: "HEAD" })).status, 200);
});
