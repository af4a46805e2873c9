/**
 * `apply` on a host of its own: the box stands for the host, and the built command line runs inside it. What is checked is
 * what systemd says of the service afterwards. Killed: apply-killed.test.ts.
 * Tests src/engines/apply.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Box } from "../../src/engines/box/box.ts";
import {
  type BundleFacts,
  bootHost,
  cli,
  hardened,
  layBundle,
  layService,
  lookAt,
  plainDropIn,
  untouched,
} from "./fixtures/apply-host.ts";

const schema = join(import.meta.dirname, "../../docs/schema/apply.schema.json");
const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(schema, "utf8")),
);

let host: Box;

beforeAll(async () => {
  host = await bootHost();
});
afterAll(() => host.down());

const given = (name: string, facts: BundleFacts = {}) => layService(host, name, facts);
const apply = (...words: string[]) => host.run(["node", cli, "apply", ...words], { timeoutMs: 90_000 });
const sh = async (script: string): Promise<string> => (await host.run(["sh", "-c", script])).stdout;
const seen = (name: string) => lookAt(host, name);
const installed = (name: string): string => `/etc/systemd/system/${name}.service.d/zz-cloison.conf`;

/** Nothing of Cloison's is left of a unit. */
async function expectForgotten(name: string): Promise<void> {
  expect(await sh(`ls -d /var/lib/cloison/${name}.service /run/cloison-apply/${name}.service 2>/dev/null`)).toBe("");
  expect(await sh("systemctl list-units --all --no-legend 'cloison-apply-*'")).not.toContain(`apply-${name}.`);
}

test.concurrent("apply installs the very bytes, restarts the service, disarms its switch; undo takes it back", async () => {
  const directory = await given("fine");
  const applied = await apply(
    directory,
    "--active",
    "1",
    "--check",
    "systemctl is-active --quiet fine.service",
    "--json",
  );
  expect(applied.stderr + applied.stdout).toContain("the check passed");
  expect(applied.status).toBe(0);
  expect(accepts(JSON.parse(applied.stdout)), JSON.stringify(accepts.errors)).toBe(true);
  expect(await seen("fine")).toEqual(hardened);
  expect((await host.readFile(installed("fine"))).toString()).toBe(plainDropIn);
  expect(await sh("systemctl list-units --all --no-legend 'cloison-apply-fine*'")).toBe("");
  const undone = await apply("--undo", "fine.service", "--json");
  expect(undone.status).toBe(0);
  expect(accepts(JSON.parse(undone.stdout)), JSON.stringify(accepts.errors)).toBe(true);
  expect(await seen("fine")).toEqual(untouched);
  await expectForgotten("fine");
  expect((await apply("--undo", "fine.service")).status).toBe(3);
});

test.concurrent("while it is tried the drop-in is in /run alone, and hides one of its name in /etc", async () => {
  const directory = await given("tried");
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  const next = "[Service]\nProtectClock=no\nProtectHostname=yes\n";
  await layBundle(host, "tried", { conf: next });
  const look =
    "systemctl show -p ProtectClock,ProtectHostname tried.service; cat /etc/systemd/system/tried.service.d/zz-cloison.conf";
  const applied = await apply(directory, "--active", "1", "--check", `(${look}) >/root/seen`);
  expect(applied.status).toBe(0);
  expect(await sh("cat /root/seen")).toBe(`ProtectClock=no\nProtectHostname=yes\n${plainDropIn}`);
  expect((await host.readFile(installed("tried"))).toString()).toBe(next);
});

test.concurrent("undo restores a drop-in that was there before Cloison came", async () => {
  const earlier = "[Service]\nProtectHostname=yes\n";
  const directory = await given("earlier");
  await host.writeFile(installed("earlier"), earlier);
  await host.systemctl("daemon-reload");
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  expect((await apply("--undo", "earlier.service")).status).toBe(0);
  expect((await host.readFile(installed("earlier"))).toString()).toBe(earlier);
});

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
  const kills = "systemctl kill -s KILL dying.service; sleep 2; systemctl is-active --quiet dying.service";
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
    'setsid sh -c "sleep 24; kill -CONT $apply" >/dev/null 2>&1 </dev/null &',
    "kill -STOP $apply",
  ];
  await host.writeFile("/root/hang", hang.join("\n"));
  // Not by itself: what enters the box would stop along with its child.
  const command = `node ${cli} apply ${directory} --active 1 --window 21 --check 'sh /root/hang'; exit $?`;
  const applied = await host.run(["sh", "-c", command], { timeoutMs: 90_000 });
  expect(applied.stdout).not.toContain("Installed");
  expect(applied.stderr).toContain("the time was up before it was proved");
  expect(applied.status).toBe(3);
  expect(await seen("hung")).toEqual(untouched);
});

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

test.concurrent("whatever differs from what was rehearsed is refused, and nothing is touched", async () => {
  const refusals: [string, string][] = [
    [await given("othertext", { rehearsedUnit: "[Service]\nExecStart=/usr/bin/sleep 1\n" }), "the unit"],
    [await given("othersystemd", { systemd: "1 (1)" }), "systemd"],
  ];
  const altered = await given("altered");
  await host.writeFile(`${altered}/hardening.conf`, `${plainDropIn}#\n`, 0o600);
  refusals.push([altered, "hash"]);
  const writable = await given("writable");
  await host.run(["chmod", "777", writable]);
  refusals.push([writable, "writable by nobody else"]);
  const foreign = await given("foreign");
  await host.run(["chown", "nobody", foreign]);
  refusals.push([foreign, "root"]);
  const linked = await given("linked");
  await sh(`cd ${linked} && mv hardening.conf real && ln -s real hardening.conf`);
  refusals.push([linked, "hardening.conf"]);
  for (const [directory, reason] of refusals) {
    const applied = await apply(directory, "--active", "1");
    expect(applied.stderr).toContain(reason);
    expect(applied.status).toBe(3);
    expect(await seen(directory.replace("/root/out-", ""))).toEqual(untouched);
  }
});

test.concurrent("two applies at once: one works, the other says so and touches nothing", async () => {
  const directory = await given("twice");
  const both = await Promise.all([apply(directory, "--active", "5"), apply(directory, "--active", "5")]);
  expect(both.map(({ status }) => status).sort()).toEqual([0, 3]);
  expect(both.find(({ status }) => status === 3)?.stderr).toContain("another cloison apply is at work on it");
  expect(await seen("twice")).toEqual(hardened);
});

test.concurrent("the lock and what is remembered are not found through links", async () => {
  const directory = await given("lured");
  await sh(
    "mkdir -p /run/cloison-apply; echo precious >/root/precious; ln -s /root/precious /run/cloison-apply/lured.service.lock",
  );
  expect((await apply(directory, "--active", "1")).status).toBe(3);
  await sh(
    "rm /run/cloison-apply/lured.service.lock; mkdir -p /var/lib/cloison /root/elsewhere; ln -s /root/elsewhere /var/lib/cloison/lured.service",
  );
  expect((await apply(directory, "--active", "1")).stderr).toContain("must be a directory of root's");
  await sh("rm /var/lib/cloison/lured.service");
  expect(await sh("cat /root/precious; ls /root/elsewhere")).toBe("precious\n");
  expect(await seen("lured")).toEqual(untouched);
});

test.concurrent("a drop-in that somebody edited is neither overwritten nor deleted unasked", async () => {
  const directory = await given("edited");
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  const edit = "[Service]\nProtectClock=yes\nNice=1\n";
  await host.writeFile(installed("edited"), edit);
  for (const words of [
    [directory, "--active", "1"],
    ["--undo", "edited.service"],
  ]) {
    const refused = await apply(...words);
    expect(refused.stderr).toContain("somebody edited it since it was applied");
    expect(refused.status).toBe(3);
    expect((await host.readFile(installed("edited"))).toString()).toBe(edit);
  }
  expect((await apply("--undo", "edited.service", "--discard-edits")).status).toBe(0);
  expect(await seen("edited")).toEqual({ ...untouched, files: "zz-cloison.conf.edited" });
  expect((await host.readFile(`${installed("edited")}.edited`)).toString()).toBe(edit);
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

test("a read-only /etc, or a full disk, is said before the service is touched", async () => {
  const directory = await given("readonly");
  const before = await sh("systemctl show -p InvocationID readonly.service");
  await sh("mount --bind /etc/systemd/system /etc/systemd/system && mount -o remount,bind,ro /etc/systemd/system");
  const refused = await apply(directory, "--active", "1");
  await sh("umount /etc/systemd/system");
  expect(refused.stderr).toContain("write in /etc/systemd/system");
  expect(refused.status).toBe(3);
  await sh(
    "mkdir -p /var/lib/cloison && mount -t tmpfs -o mode=700,size=4k t /var/lib/cloison && dd if=/dev/zero of=/var/lib/cloison/full bs=4k 2>/dev/null",
  );
  const full = await apply(directory, "--active", "1");
  await sh("umount /var/lib/cloison");
  expect(full.stderr).toContain("the disk is full");
  expect(full.status).toBe(3);
  expect(await sh("systemctl show -p InvocationID readonly.service")).toBe(before);
  expect(await seen("readonly")).toEqual(untouched);
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

test.concurrent("undo starts a service that failed or is restarting behind the walls, and leaves a stopped one alone", async () => {
  for (const name of ["failing", "restarting", "stopped"]) {
    const flag = `/run/${name}-fails`;
    const unit = `[Service]\nExecStart=/bin/sh -c 'test ! -e ${flag} && exec sleep infinity'\n${name === "restarting" ? "Restart=always\nRestartSec=600\n" : ""}`;
    const directory = await given(name, { unit });
    expect((await apply(directory, "--active", "1")).status).toBe(0);
    await sh(
      name === "stopped"
        ? "systemctl stop stopped.service"
        : `touch ${flag}; systemctl kill -s KILL ${name}.service; sleep 1; ${name === "failing" ? "systemctl start failing.service; sleep 1;" : ""} rm ${flag}`,
    );
    const before = (await seen(name)).active;
    expect(before).toBe({ failing: "failed", restarting: "activating", stopped: "inactive" }[name]);
    expect((await apply("--undo", `${name}.service`)).status).toBe(0);
    expect(await seen(name)).toEqual({ ...untouched, active: name === "stopped" ? "inactive" : "active" });
  }
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

test.concurrent("a unit that was removed is undone all the same", async () => {
  const directory = await given("removed");
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  await sh("systemctl stop removed.service; rm /etc/systemd/system/removed.service; systemctl daemon-reload");
  expect((await apply("--status", "removed.service")).stdout).toContain("no such unit");
  const undone = await apply("--undo", "removed.service");
  expect(undone.stdout).toContain("the unit is no longer installed");
  expect(undone.status).toBe(0);
  expect((await seen("removed")).files).toBe("");
  await expectForgotten("removed");
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

test.concurrent("interrupted, apply takes the trial back at once", async () => {
  const directory = await given("interrupted");
  const applied = await apply(
    directory,
    "--active",
    "1",
    "--check",
    "kill -INT $(cat /proc/$PPID/stat | cut -d' ' -f4); sleep 60",
  );
  expect(applied.status).toBe(130);
  await sh(
    "for i in $(seq 50); do systemctl is-active --quiet cloison-apply-interrupted.timer || break; sleep 0.2; done",
  );
  expect(await seen("interrupted")).toEqual(untouched);
});

test.concurrent("status and list say what is applied, since when, from what, and what is not the same any more", async () => {
  await sh("cp /usr/bin/sleep /usr/local/bin/napper");
  const unit = "[Service]\nExecStart=/usr/local/bin/napper infinity\n";
  const directory = await given("watched", { unit, programs: ["/usr/local/bin/napper"] });
  expect((await apply("--status", "watched.service")).status).toBe(3);
  expect((await apply(directory, "--active", "1")).status).toBe(0);
  const same = await apply("--status", "watched.service");
  expect(same.stdout).toMatch(
    /^watched\.service \(active\): applied since 20\S+Z, from \/root\/out-watched\n {2}everything is as it was applied\n$/,
  );
  expect(same.status).toBe(0);
  await sh(
    "cp /usr/bin/true /usr/local/bin/n && mv /usr/local/bin/n /usr/local/bin/napper; echo Nice=2 >>/etc/systemd/system/watched.service; echo '#' >>/etc/systemd/system/watched.service.d/zz-cloison.conf",
  );
  const other = await apply("--list", "--json");
  expect(other.status).toBe(1);
  const document = JSON.parse(other.stdout);
  expect(accepts(document), JSON.stringify(accepts.errors)).toBe(true);
  const { units } = document as { units: { unit: string; differs: { what: string }[] }[] };
  const found = units.find((one) => one.unit === "watched.service");
  expect(found?.differs.map(({ what }) => what)).toEqual(["drop-in", "unit", "program"]);
});
