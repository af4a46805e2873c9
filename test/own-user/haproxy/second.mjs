/** What haproxy's first workload never did: its administrator's socket, a site that is down, large answers, IPv6, a reload. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { eventually, get, workload } from "../../samples/client.mjs";

/** What the administrator's socket answers. */
function ask(command) {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connect("/run/haproxy/admin.sock", () => socket.end(`${command}\n`));
    socket.on("data", (data) => {
      said += data;
    });
    socket.on("end", () => resolve(said));
    socket.on("error", reject);
  });
}

await workload("haproxy", async () => {
  await eventually("the site is down", () => get("http://127.0.0.1/", 503));
  const large = "0123456789abcdef".repeat(400_000);
  const site = createServer((_, response) => response.end(large)).listen(8081, "127.0.0.1");
  try {
    assert.equal((await eventually("a large page", () => get("http://127.0.0.1/"))).text, large);
    await get("http://[::1]/");
    assert.match(await ask("show info"), /^Name: HAProxy/);
    execFileSync("systemctl", ["reload", "haproxy.service"]);
    await eventually("after a reload", () => get("http://127.0.0.1/"));
    await eventually("the socket after a reload", async () => assert.match(await ask("show stat"), /front/));
  } finally {
    site.close();
    site.closeAllConnections();
  }
});
