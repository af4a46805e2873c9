/**
 * Roots of other Debian releases: each boots in a box with its own systemd, its own accounts and the least of units, and
 * nothing of this machine's files is seen there. Tests tools/setup/roots.mjs.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bootBox } from "../../src/engines/box/box.ts";
import { effects } from "../../src/engines/box/effects.ts";
import { readAccounts } from "../../src/linux/accounts.ts";
import { systemdVersion } from "../../src/linux/systemd-version.ts";
import { removeStale } from "../../tools/setup/layer.mjs";
import { prepare } from "../../tools/setup/prepare.mjs";

const { roots } = prepare({ want: ["roots"], say: () => {} });
const scratch = mkdtempSync("/var/tmp/cloison-roots-");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each([
  ["bullseye", 247, "systemd-coredump"],
  ["bookworm", 252, "systemd-network"],
  ["trixie", 257, "systemd-network"],
  ["sid", 262, "systemd-network"],
])("the root of Debian %s", (suite, version, account) => {
  test("boots with its own systemd and accounts, and enforces filters of the control group", async () => {
    const box = await bootBox({ root: roots[suite] ?? suite });
    try {
      expect((await systemdVersion((argv) => box.run(argv))).version).toBe(version);
      expect(box.notes).toEqual([]);
      expect((await readAccounts((argv) => box.run(argv))).users.map(({ name }) => name)).toContain(account);
      expect((await box.run(["test", "-e", process.execPath])).status).not.toBe(0);
      const idle = (await effects(box)).ineffective.map(({ directive }) => directive);
      expect(idle.filter((name) => ["IPAddressDeny", "DevicePolicy", "SystemCallFilter"].includes(name))).toEqual([]);
    } finally {
      await box.down();
    }
  });
});

test("bootBox refuses a root without a systemd", async () => {
  await expect(bootBox({ root: scratch })).rejects.toThrow("there is no /lib/systemd/systemd in it");
});

test("removeStale removes what nobody has used for a week, unless a mount shows it", () => {
  const [old, shown, fresh] = ["old", "shown", "fresh"].map((name) => join(scratch, "cache", name));
  for (const path of [old, shown, fresh] as string[]) {
    mkdirSync(join(path, "root"), { recursive: true });
  }
  const long = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  for (const path of [old, shown] as string[]) {
    utimesSync(path, long, long);
  }
  execFileSync("mount", ["--bind", join(shown ?? "", "root"), join(shown ?? "", "root")]);
  try {
    removeStale(join(scratch, "cache"));
    expect([old, shown, fresh].map((path) => existsSync(path ?? ""))).toEqual([false, true, true]);
  } finally {
    execFileSync("umount", [join(shown ?? "", "root")]);
  }
});
