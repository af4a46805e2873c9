/** One who speaks and one who listens. */
import { strict as assert } from "node:assert";
import { eventually, workload } from "../../samples/client.mjs";
import { client } from "./mqtt.mjs";

await workload("mosquitto", async () => {
  const listener = await eventually("the broker", () => client("listener"));
  listener.subscribe("news");
  const speaker = await client("speaker");
  await eventually("a message", async () => {
    speaker.publish("news", "it rains");
    assert.ok(listener.heard("it rains"), "it was not heard");
  });
  speaker.publish("weather", "rain", true);
  listener.end();
  speaker.end();
});
