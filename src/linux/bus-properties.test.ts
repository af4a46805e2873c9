import { expect, test } from "vitest";
import { busLabel, execStartOf, fragmentOf } from "./bus-properties.ts";
import type { RunCommand } from "./spawn.ts";

test.each([
  ["app.service", "app_2eservice"],
  ["1st-é@x\\x2d.service", "_31st_2d_c3_a9_40x_5cx2d_2eservice"],
  ["", "_"],
])("busLabel(%j) is what systemd's bus_label_escape gives", (name, label) => {
  expect(busLabel(name)).toBe(label);
});

function answering(stdout: string, status = 0, stderr = ""): RunCommand {
  return async () => ({ status, signal: null, stdout, stderr, timedOut: false });
}

test("a lie of a box is a message", async () => {
  for (const data of ['[["/bin/x","no array",[]]]', "[[1,[],[]]]", "{}", '"x"']) {
    const run = answering(`{"type":"a(sasasttttuii)","data":${data}}`);
    await expect(execStartOf(run, "x.service")).rejects.toThrow("malformed");
  }
  await expect(execStartOf(answering("gibberish"), "x.service")).rejects.toThrow("not of the type");
  await expect(execStartOf(answering('{"type":"s","data":"x"}'), "x.service")).rejects.toThrow("not of the type");
  await expect(fragmentOf(answering("", 1, "Connection refused"), "x.service")).rejects.toThrow("Connection refused");
  expect(await fragmentOf(answering("", 1, "Unknown property FragmentPath"), "x.service")).toBeUndefined();
});
