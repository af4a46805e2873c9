/** An administrator who looks at the machine and at a few lines of its journal. */
import { strict as assert } from "node:assert";
import { eventually, get, workload } from "../client.mjs";

const server = "http://127.0.0.1:19531";

await workload("systemd-journal-gatewayd", async () => {
  const machine = await eventually("/machine", () => get(`${server}/machine`));
  assert.match(JSON.parse(machine.text).machine_id, /^[0-9a-f]{32}$/);
  const entries = await get(`${server}/entries?boot`, 200, { accept: "application/json", range: "entries=:0:5" });
  assert.equal(
    entries.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)).length,
    5,
  );
});
