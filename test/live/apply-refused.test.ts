/** What `apply` refuses before it touches the service. As apply.test.ts. */
import { expect, test } from "vitest";
import { hardened, plainDropIn, untouched } from "./fixtures/apply-host.ts";
import { applying, installed } from "./fixtures/applying.ts";

const { host, given, apply, sh, seen } = applying();

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
  expect(both.find(({ status }) => status === 3)?.stderr).toContain("another cloison apply is working on it");
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
