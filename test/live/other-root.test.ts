/**
 * Hardening for another release: a service of an older Debian in a box with that Debian's root, and a drop-in made here for an
 * older systemd. What the older one does not know is not written, and what was rehearsed where is said.
 * Tests src/engines/harden.ts and src/cli/harden-options.ts.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { commandLine } from "./fixtures/command-line.ts";

const { roots } = prepare({ want: ["roots"], say: () => {} });
const cli = commandLine();
afterAll(() => cli.remove());

const UNIT = `[Service]
Type=oneshot
RemainAfterExit=yes
StateDirectory=stamp
ExecStart=/bin/sh -c 'date > /var/lib/stamp/now'
`;
const unit = cli.file("stamp.service", UNIT);
const WORKLOAD = "test -s /var/lib/stamp/now";

async function harden(...options: readonly string[]) {
  const out = join(cli.directory, `out-${options.join("").replaceAll(/\W/g, "")}`);
  const ended = await cli.run(["harden", unit, "--workload", WORKLOAD, "--out", out, ...options]);
  expect(ended.stderr).not.toContain("error:");
  expect(ended.status, ended.stdout).toBe(0);
  const dropIn = readFileSync(join(out, "hardening.conf"), "utf8");
  const report = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
  const settings = dropIn.split("\n").filter((line) => /^\w+=/.test(line));
  return { dropIn, report, settings };
}

/** The first systemd that knows all that a drop-in says, by the directives' own `since`. */
function understoodSince(settings: readonly string[]): number {
  return Math.max(...settings.map((line) => catalogue.find(({ name }) => line.startsWith(`${name}=`))?.since ?? 999));
}

test("on the root of Debian 12 its systemd 252 rehearses, and the drop-in says what it understands", async () => {
  const { dropIn, report, settings } = await harden("--root", roots.bookworm ?? "");
  expect(report.systemd).toMatch(/^252\./);
  expect(report.warnings).toContainEqual(expect.stringContaining("not on this machine's"));
  expect(dropIn).toContain("Rehearsed on the system in");
  expect(settings).toContain("ProtectSystem=strict");
  expect(settings).toContain("ProtectControlGroups=yes");
  expect(understoodSince(settings)).toBeLessThanOrEqual(252);
});

test.each(Object.keys(roots))(
  "on the root of %s every call of the service is observed, from its first on",
  async (suite) => {
    const path = join(cli.directory, `${suite}.json`);
    const ended = await cli.run(["observe", unit, "--workload", WORKLOAD, "--root", roots[suite] ?? "", "--out", path]);
    expect(ended.stderr).not.toContain("error:");
    const { seen, gaps } = JSON.parse(readFileSync(path, "utf8"));
    const done = seen.map(({ action }: { action: { call: { name?: string }; needs: readonly { path?: string }[] } }) =>
      [action.call.name, ...action.needs.map((need) => need.path ?? "")].join(" "),
    );
    expect(done).toContainEqual(expect.stringMatching(/^execve .*\/(da)?sh/));
    expect(done).toContainEqual(expect.stringMatching(/^openat .*\/var\/lib\/stamp\/now/));
    expect(done.filter((text: string) => text.startsWith("mount "))).toEqual([]);
    expect(gaps).toEqual([]);
  },
);

test("synthesize reads unit, accounts and the version of systemd below the root, and runs nothing of it", async () => {
  const path = join(cli.directory, "below.json");
  const root = roots.bookworm ?? "";
  await cli.run(["observe", unit, "--workload", WORKLOAD, "--root", root, "--out", path]);
  const made = await cli.run(["synthesize", path, unit, "--root", root]);
  expect(made.stderr).not.toContain("error:");
  expect(made.stdout).toContain("for stamp.service, systemd 252,");
  expect(made.stdout).toContain("\nProtectControlGroups=yes\n");
  const other = await cli.run(["synthesize", path, "systemd-logind.service", "--other-unit", "--root", root, "--json"]);
  expect(JSON.parse(other.stdout).systemd).toBe(252);
  const missing = await cli.run(["synthesize", path, "strace.service", "--other-unit", "--root", root]);
  expect(missing.stderr).toContain(`no such unit in ${root}`);
  expect(missing.status).toBe(2);
});

test("made for an older systemd it says nothing that this one does not understand, and where it was rehearsed", async () => {
  const { dropIn, report, settings } = await harden("--target-version", "247");
  expect(report.systemd).not.toMatch(/^247/);
  expect(dropIn).toContain("Made for systemd 247, and rehearsed under systemd");
  expect(settings.map((line) => line.split("=")[0])).not.toContain("PrivateIPC");
  expect(settings).toContain("ProtectControlGroups=yes");
  expect(understoodSince(settings)).toBeLessThanOrEqual(247);
});

test("what only a newer systemd understands cannot be rehearsed, and is refused with a way out", async () => {
  const ended = await cli.run(["harden", unit, "--workload", WORKLOAD, "--target-version", "999"]);
  expect(ended.status).toBe(2);
  expect(ended.stderr).toContain("cannot rehearse what only systemd 999 understands");
  expect(ended.stderr).toContain("--root");
});
