/** An application that keeps a few values. */
import { strict as assert } from "node:assert";
import { eventually, workload } from "../client.mjs";
import { open } from "./resp.mjs";

await workload("valkey", async () => {
  const client = await eventually("connecting", () => open());
  assert.equal(await client.ask("PING"), "PONG");
  assert.equal(await client.ask("SET", "greeting", "hello"), "OK");
  assert.equal(await client.ask("GET", "greeting"), "hello");
  assert.equal(await client.ask("INCR", "visits"), 1);
  assert.equal(await client.ask("SAVE"), "OK");
  client.close();
});
