/**
 * What a unit says that nobody here knows: where systemd acts on it, everything is undecided, by name; where systemd does not
 * know it either, it does nothing, and that is said. Tests src/core/directives/uncatalogued.ts and src/engines/life/unread.ts.
 */
import { afterAll, expect, test } from "vitest";
import { commandLine } from "./fixtures/command-line.ts";

const cli = commandLine();
afterAll(() => cli.remove());

function unitWith(name: string, line: string): string {
  return cli.file(`${name}.service`, `[Service]\nType=oneshot\nExecStart=/bin/true\n${line}\nNoNewPrivileges=yes\n`);
}

test("a setting that systemd acts on and the catalogue lacks makes every attack undecided, by name", async () => {
  const ended = await cli.run(["attack", unitWith("pam", "PAMName=other"), "--json"]);
  expect(ended.stderr).not.toContain("error:");
  expect(ended.status).toBe(3);
  const { probes: results } = JSON.parse(ended.stdout);
  expect(results.length).toBeGreaterThan(40);
  for (const { outcome, reason } of results) {
    expect(outcome).toBe("unknown");
    expect(reason).toContain("PAMName=other");
  }
});

test("a setting that systemd does not know either changes nothing", async () => {
  const ended = await cli.run(["attack", unitWith("typo", "NoNewPriviledges=yes"), "--json"]);
  const { probes: results } = JSON.parse(ended.stdout);
  const reasons = results.filter(({ outcome }: { outcome: string }) => outcome === "unknown");
  expect(reasons).toEqual([]);
});
