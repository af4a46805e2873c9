/** Visitors of a site behind a proxy: the site is here, too. */
import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { eventually, get, workload } from "../../samples/client.mjs";

await workload("haproxy", async () => {
  const site = createServer((_, response) => response.end("behind the proxy")).listen(8081, "127.0.0.1");
  try {
    const page = await eventually("the site", () => get("http://127.0.0.1/"));
    assert.equal(page.text, "behind the proxy");
    await Promise.all(Array.from({ length: 20 }, () => get("http://127.0.0.1/")));
  } finally {
    site.close();
    site.closeAllConnections();
  }
});
