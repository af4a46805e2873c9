/** What valkey's first workload never did: large values, other types, scripts, snapshots by a child, many clients, a rotated log. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { eventually, rotateLog, workload } from "../client.mjs";
import { open } from "./resp.mjs";

await workload("valkey", async () => {
  const client = await eventually("connecting", () => open());
  const large = "v".repeat(3_000_000);
  assert.equal(await client.ask("SET", "large", large), "OK");
  assert.equal((await client.ask("GET", "large")).length, large.length, "a large value");
  assert.equal(await client.ask("RPUSH", "list", "a", "b", "c"), 3);
  assert.deepEqual(await client.ask("LRANGE", "list", 0, -1), ["a", "b", "c"]);
  assert.equal(await client.ask("EVAL", "return redis.call('GET', KEYS[1])", 1, "missing"), null);
  assert.equal(await client.ask("SET", "brief", "x", "PX", 30), "OK");
  await eventually("expiry", async () => assert.equal(await client.ask("GET", "brief"), null));
  assert.equal(await client.ask("CONFIG", "SET", "appendonly", "yes"), "OK");
  await settled(client, "aof_rewrite_in_progress:0", "aof_last_bgrewrite_status:ok");
  await client.ask("BGSAVE");
  await settled(client, "rdb_bgsave_in_progress:0", "rdb_last_bgsave_status:ok");
  const many = await Promise.all(Array.from({ length: 100 }, () => open()));
  assert.deepEqual(new Set(await Promise.all(many.map((each) => each.ask("PING")))), new Set(["PONG"]));
  for (const each of many) {
    each.close();
  }
  await rotateLog(
    "/var/log/valkey/valkey-server.log",
    async () => {},
    () => client.ask("BGSAVE").catch(() => {}),
  );
  execFileSync("systemctl", ["restart", "valkey-server.service"]);
  const after = await eventually("after a restart", () => open());
  await eventually("the data", async () => assert.equal((await after.ask("GET", "large"))?.length, large.length));
  after.close();
  client.close();
});

async function settled(client, ...lines) {
  await eventually(lines[0], async () => {
    const info = await client.ask("INFO", "persistence");
    for (const line of lines) {
      assert.ok(info.includes(line), `INFO says otherwise than ${line}`);
    }
  });
}
