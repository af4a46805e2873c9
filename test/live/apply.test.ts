/**
 * `apply` on a host of its own: the box stands for the host, and the built command line runs inside it. What is checked is
 * what systemd says of the service afterwards. Here: what is installed, taken back on request and remembered. Beside it:
 * apply-trial, apply-refused, apply-kinds, apply-killed. Tests src/engines/apply.
 */
import { expect, test } from "vitest";
import { hardened, layBundle, plainDropIn, untouched } from "./fixtures/apply-host.ts";
import { accepted, applying, installed } from "./fixtures/applying.ts";

const { host, given, apply, sh, seen, expectForgotten } = applying();

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
  accepted(applied.stdout);
  expect(await seen("fine")).toEqual(hardened);
  expect((await host.readFile(installed("fine"))).toString()).toBe(plainDropIn);
  expect(await sh("systemctl list-units --all --no-legend 'cloison-apply-fine*'")).toBe("");
  const undone = await apply("--undo", "fine.service", "--json");
  expect(undone.status).toBe(0);
  accepted(undone.stdout);
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

test.concurrent("undo starts a service that failed or is restarting behind the walls, and leaves a stopped one alone", async ({
  expect,
}) => {
  for (const name of ["failing", "restarting", "stopped"]) {
    const flag = `/run/${name}-fails`;
    const unit = `[Service]\nExecStart=/bin/sh -c 'test ! -e ${flag} && exec sleep infinity'\n${name === "restarting" ? "Restart=always\nRestartSec=600\n" : ""}`;
    const directory = await given(name, { unit });
    expect((await apply(directory, "--active", "1")).status).toBe(0);
    await sh(
      name === "stopped" ? "systemctl stop stopped.service" : `touch ${flag}; systemctl kill -s KILL ${name}.service`,
    );
    const active = { failing: "failed", restarting: "activating", stopped: "inactive" }[name];
    await expect.poll(async () => (await seen(name)).active).toBe(active);
    await sh(`rm -f ${flag}`);
    expect((await apply("--undo", `${name}.service`)).status).toBe(0);
    expect(await seen(name)).toEqual({ ...untouched, active: name === "stopped" ? "inactive" : "active" });
  }
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
  const { units } = accepted(other.stdout) as { units: { unit: string; differs: { what: string }[] }[] };
  const found = units.find((one) => one.unit === "watched.service");
  expect(found?.differs.map(({ what }) => what)).toEqual(["drop-in", "unit", "program"]);
});
