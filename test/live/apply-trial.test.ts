/** What `apply` takes back by itself: a trial that fails, takes too long or is broken off. As apply.test.ts. */
import { expect, test } from "vitest";
import { cli, untouched } from "./fixtures/apply-host.ts";
import { applying, installed } from "./fixtures/applying.ts";

const { host, given, apply, sh, seen, expectForgotten } = applying();

test.concurrent("a service that does not come up with the new walls is as it was, and the status is 3", async () => {
  const directory = await given("broken", { conf: "[Service]\nExecStartPre=/bin/false\n" });
  const applied = await apply(directory, "--active", "1");
  expect(applied.stderr).toMatch(/broken\.service: it does not start.*the former state is back/);
  expect(applied.status).toBe(3);
  expect(await seen("broken")).toEqual(untouched);
  await expectForgotten("broken");
});

test.concurrent("a service that dies under the check and is started again does not pass for one that lives", async () => {
  const unit = "[Service]\nExecStart=/usr/bin/sleep infinity\nRestart=always\nRestartSec=0\n";
  const directory = await given("dying", { unit });
  const again =
    "[ $(systemctl show -p NRestarts --value dying.service) -gt 0 ] && systemctl is-active --quiet dying.service";
  const kills = `systemctl kill -s KILL dying.service; until ${again}; do sleep 0.1; done`;
  const applied = await apply(directory, "--active", "1", "--check", kills);
  expect(applied.stderr).toContain("it was started anew while it was watched");
  expect(applied.status).toBe(3);
  expect(await seen("dying")).toEqual(untouched);
});

test.concurrent("a check that fails, or does not end, takes the drop-in back, and nothing of it runs on", async () => {
  const directory = await given("unchecked");
  expect((await apply(directory, "--active", "1", "--check", "false")).status).toBe(3);
  expect(await seen("unchecked")).toEqual(untouched);
  const endless = await apply(directory, "--active", "1", "--window", "21", "--check", "sleep 4321; true");
  expect(endless.stderr).toMatch(/the check failed.*no end after \d+ s.*the former state is back/);
  expect(endless.status).toBe(3);
  expect(await seen("unchecked")).toEqual(untouched);
  expect(await sh("pgrep -f '[s]leep 4321'")).toBe("");
});

test.concurrent("a service that starts slower than its window is no success, whoever ends it", async () => {
  const unit =
    "[Service]\nExecStartPre=/bin/sh -c 'systemctl show -p ProtectClock --value slow.service | grep -q yes && sleep 25 || true'\nExecStart=/usr/bin/sleep infinity\n";
  const directory = await given("slow", { unit });
  const applied = await apply(directory, "--active", "1", "--window", "21");
  expect(applied.stderr).toMatch(/still activating after 16 s.*the former state is back/);
  expect(applied.status).toBe(3);
  expect(await seen("slow")).toEqual(untouched);
  await expectForgotten("slow");
});

test.concurrent("a slow starter is given what the rehearsal measured, three times over; less is refused", async () => {
  const directory = await given("patient", { startSeconds: 50 });
  const refused = await apply(directory, "--active", "1", "--window", "150");
  expect(refused.stderr).toContain("at least 171 seconds here (in the rehearsal it took 50 s to start)");
  expect(refused.status).toBe(2);
  const applied = await apply(directory, "--active", "1");
  expect(applied.stderr).toContain("takes it back in 211 s");
  expect(applied.status).toBe(0);
});

test.concurrent("a switch that fires while apply hangs is never talked over", async () => {
  const directory = await given("hung");
  // The check stops apply itself until the switch has done its work.
  const hang = [
    "apply=$(pgrep -f '^node .* apply /root/out-hung')",
    'setsid sh -c "while systemctl show -p ProtectClock hung.service | grep -q yes; do sleep 0.5; done; kill -CONT $apply" >/dev/null 2>&1 </dev/null &',
    "kill -STOP $apply",
  ];
  await host.writeFile("/root/hang", hang.join("\n"));
  // Not by itself: what enters the box would stop along with its child.
  const command = `node ${cli} apply ${directory} --active 1 --window 21 --check 'sh /root/hang'; exit $?`;
  const applied = await host.run(["sh", "-c", command], { timeoutMs: 280_000 });
  expect(applied.stdout).not.toContain("Installed");
  expect(applied.stderr).toContain("the time was up before it was proved");
  expect(applied.status).toBe(3);
  expect(await seen("hung")).toEqual(untouched);
});

test.concurrent("an edit made while it is tried is not overwritten by what was proved", async () => {
  const directory = await given("raced");
  const applied = await apply(
    directory,
    "--active",
    "1",
    "--check",
    `mkdir -p $(dirname ${installed("raced")}); echo '[Service]' >${installed("raced")}`,
  );
  expect(applied.stderr).toMatch(/was changed by somebody else meanwhile; the former state is back/);
  expect(applied.status).toBe(3);
  expect((await host.readFile(installed("raced"))).toString()).toBe("[Service]\n");
  expect(await seen("raced")).toEqual({ ...untouched, files: "zz-cloison.conf" });
});

test.concurrent("a disk that fills up while it is tried takes it back", async () => {
  const directory = await given("filled");
  const fill =
    "mkdir -p /etc/systemd/system/filled.service.d && mount -t tmpfs -o size=4k,nr_inodes=1 t /etc/systemd/system/filled.service.d";
  const applied = await apply(directory, "--active", "1", "--check", fill);
  expect(applied.stderr).toMatch(/could not be written; the former state is back/);
  await sh("umount /etc/systemd/system/filled.service.d; rmdir /etc/systemd/system/filled.service.d");
  expect(await seen("filled")).toEqual(untouched);
});

test.concurrent("services that a failed restart pulls down are started again", async () => {
  const directory = await given("base", { conf: "[Service]\nExecStartPre=/bin/false\n" });
  await host.writeFile(
    "/etc/systemd/system/upper.service",
    "[Unit]\nRequires=base.service\nAfter=base.service\n[Service]\nExecStart=/usr/bin/sleep infinity\n",
  );
  await sh("systemctl daemon-reload; systemctl start upper.service");
  expect((await apply(directory, "--active", "1")).status).toBe(3);
  expect(await sh("systemctl is-active base.service upper.service")).toBe("active\nactive\n");
});

test.concurrent("interrupted, apply takes the trial back at once", async ({ expect }) => {
  const directory = await given("interrupted");
  const applied = await apply(
    directory,
    "--active",
    "1",
    "--window",
    "240",
    "--check",
    "kill -INT $(cat /proc/$PPID/stat | cut -d' ' -f4); sleep 60",
  );
  expect(applied.status).toBe(130);
  // Long before its window ends.
  await expect.poll(() => seen("interrupted")).toEqual(untouched);
});
