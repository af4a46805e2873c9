/** Someone who keeps notes. */
import { strict as assert } from "node:assert";
import { eventually, get, http, workload } from "../client.mjs";

const notes = "http://127.0.0.1:3000";

await workload("notes", async () => {
  await eventually("the page", () => get(`${notes}/`));
  const added = await http(`${notes}/notes`, { method: "POST", body: JSON.stringify({ text: "buy walls" }) });
  assert.equal(added.status, 201);
  const { id } = JSON.parse(added.text);
  assert.equal(JSON.parse((await get(`${notes}/notes/${id}`)).text).text, "buy walls");
  assert.ok(JSON.parse((await get(`${notes}/notes`)).text).includes(id));
  await get(`${notes}/nowhere`, 404);
});
