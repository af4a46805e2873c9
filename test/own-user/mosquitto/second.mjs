/** What mosquitto's first workload never did: IPv6, what is kept over a restart, large messages, its log rotated, a reload. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { eventually, rotateLog, workload } from "../../samples/client.mjs";
import { client } from "./mqtt.mjs";

await workload("mosquitto", async () => {
  const speaker = await eventually("the broker", () => client("speaker", "::1"));
  speaker.publish("kept", `large ${"x".repeat(200_000)} end`, true);
  const early = await client("early");
  early.subscribe("kept");
  await eventually("a large message", async () => assert.ok(early.heard("x end"), "it was not heard"));
  execFileSync("systemctl", ["restart", "mosquitto.service"]);
  const late = await eventually("the broker again", () => client("late"));
  late.subscribe("kept");
  await eventually("what was kept", async () => assert.ok(late.heard("x end"), "it was not kept"));
  await rotateLog(
    "/var/log/mosquitto/mosquitto.log",
    () => execFileSync("systemctl", ["reload", "mosquitto.service"]),
    async () => (await client("another")).end(),
  );
});
