/** A service that misses its signal while it is observed is told again; otherwise it would hang until it is killed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { observeUnit } from "../../src/engines/observers/observe.ts";

let box: Box;

beforeAll(async () => {
  box = await bootBox();
});

afterAll(() => box.down());

test("the second signal to stop comes, and the service ends as if the first had come", async () => {
  // The first SIGTERM is lost on it, as on a main thread that strace holds.
  const program = "#!/usr/bin/perl\n$SIG{TERM} = sub { exit 0 if $seen++ };\nsleep 1 while 1;\n";
  await box.writeFile("/usr/local/bin/deaf", program, 0o755);
  await box.writeFile("/etc/systemd/system/deaf.service", "[Service]\nExecStart=/usr/local/bin/deaf\n");
  await box.systemctl("daemon-reload");
  const observation = await observeUnit(box, "deaf.service", async (phase) => {
    await phase("start");
    await box.systemctl("start", "deaf.service");
    await phase("stop");
    await box.run(["sleep", "1"]);
    await box.systemctl("stop", "deaf.service");
  });
  // One that hangs is killed, and its result is then a time-out.
  const shown = await box.showProperties("deaf.service", ["Result", "ExecMainStatus"]);
  expect(Object.fromEntries(shown)).toEqual({ Result: "success", ExecMainStatus: "0" });
  expect(observation.phases).toEqual(["start", "stop"]);
});
