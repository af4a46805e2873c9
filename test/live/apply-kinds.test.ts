/** Services of other kinds under `apply`: oneshots, stopped ones, names with escapes. As apply.test.ts. */
import { expect, test } from "vitest";
import { hardened, layBundle, untouched } from "./fixtures/apply-host.ts";
import { applying } from "./fixtures/applying.ts";

const { host, given, apply, sh, seen } = applying();

test.concurrent("a unit with an escape in its name is put back like any other", async () => {
  const name = "my\\x2dshop";
  const directory = await given(name);
  const applied = await apply(directory, "--active", "1", "--check", "false");
  expect(applied.stderr).toContain("the check failed with the new walls");
  expect(applied.status).toBe(3);
  expect(await seen(name)).toEqual(untouched);
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  expect(await seen(name)).toEqual(hardened);
  expect((await apply(directory, "--active", "1")).status).toBe(0);
});

test.concurrent("a oneshot: without a check it is refused; with one it runs to its end and is checked", async () => {
  const unit = "[Service]\nType=oneshot\nExecStart=/usr/bin/touch /root/ran\n";
  const directory = await given("once", { unit, programs: ["/usr/bin/touch"] });
  await sh("rm /root/ran");
  const refused = await apply(directory, "--active", "1");
  expect(refused.stderr).toMatch(/it is not running.*--check CMD/);
  expect(refused.status).toBe(3);
  expect(await sh("ls /root/ran 2>/dev/null")).toBe("");
  const applied = await apply(directory, "--check", "test -e /root/ran");
  expect(applied.stdout).toContain("it ran to its end, and the check passed");
  expect(applied.status).toBe(0);
  expect(await seen("once")).toEqual({ ...hardened, active: "inactive" });
});

test.concurrent("a oneshot that fails behind the walls is taken back; one that runs just now is not broken off", async () => {
  const unit = "[Service]\nType=oneshot\nExecStart=/usr/bin/sleep 0\n";
  const directory = await given("oncefails", { unit, conf: "[Service]\nExecStartPre=/bin/false\n" });
  const failed = await apply(directory, "--check", "true");
  expect(failed.stderr).toContain("it does not start with the new walls");
  expect(await seen("oncefails")).toEqual({ ...untouched, active: "inactive" });
  await host.writeFile(
    "/etc/systemd/system/oncebusy.service",
    "[Service]\nType=oneshot\nExecStart=/usr/bin/sleep 60\n",
  );
  await sh("systemctl daemon-reload; systemctl start --no-block oncebusy.service");
  const busy = await layBundle(host, "oncebusy", { unit: "[Service]\nType=oneshot\nExecStart=/usr/bin/sleep 60\n" });
  const refused = await apply(busy, "--check", "true");
  expect(refused.stderr).toContain("it is running now, and a restart would break it off");
  await sh("systemctl stop oncebusy.service");
});

test.concurrent("a service that was stopped is started for its check and stopped again", async () => {
  const directory = await given("idle");
  await sh("systemctl stop idle.service");
  const applied = await apply(directory, "--active", "1", "--check", "systemctl is-active --quiet idle.service");
  expect(applied.stdout).toContain("it was not running: started, active for 1 s, and the check passed");
  expect(await seen("idle")).toEqual({ ...hardened, active: "inactive" });
});
