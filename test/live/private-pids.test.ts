/**
 * PrivatePIDs= under a systemd that stops a service with it as without: taken where the whole life passes with it, and left where the
 * service does not end at SIGTERM in it, or leaves ended children behind. Tests src/engines/life/unreaped.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { firstBroken } from "../../src/engines/life/first-broken.ts";
import { rehearse } from "../../src/engines/life/rehearse.ts";
import { type Rehearsed, tryLife, watchLife } from "../../src/engines/life/trial.ts";
import { hostOf, wallsOf } from "../../src/engines/life/walls.ts";
import { prepare } from "../../tools/setup/prepare.mjs";

const { roots } = prepare({ want: ["roots"], say: () => {} });

let directory: string;

beforeAll(() => {
  directory = mkdtempSync("/var/tmp/cloison-pids-");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const leftOut = new Map(
  catalogue
    .filter(({ name }) => !["PrivatePIDs", "ProtectClock", "ProtectHostname", "LockPersonality"].includes(name))
    .map(({ name }) => [name, "left out"]),
);

let programs = 0;

/** A root service in Perl, which is reloaded by a signal to $MAINPID. */
function serving(program: string): Rehearsed {
  programs += 1;
  const path = join(directory, `app-${programs}.pl`);
  writeFileSync(path, program);
  const unit = `[Service]\nExecStart=/usr/bin/perl ${path}\nExecReload=/bin/kill -HUP $MAINPID\nTimeoutStopSec=2\n`;
  const ask = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do test -e /run/up && exit 0; sleep 0.2; done; exit 1";
  return {
    target: { kind: "file", name: "pids.service", fileName: "pids.service", text: unit, dropIns: [] },
    workload: { command: ask, directory: "/", timeoutMs: 60_000, environment: {} },
    companions: [],
    box: { root: roots.sid ?? "sid", bindReadOnly: [{ source: directory, target: directory }] },
  };
}

/** What breaks with it that does not break without. */
async function brokenWith(program: string): Promise<string | undefined> {
  const request = serving(program);
  const [before, after] = await Promise.all([
    tryLife(request, undefined),
    tryLife(request, "[Service]\nPrivatePIDs=yes\n"),
  ]);
  expect(before.map(({ outcome }) => outcome)).toEqual(before.map(() => "passed"));
  const broken = firstBroken(before, after);
  return broken && `${broken.phase}: ${broken.detail}`;
}

/** What every one of them does. */
const up = 'open U, ">", "/run/up"; close U; ';

test("where it ends at SIGTERM and waits for every child, it is taken, and the life passes with it", async () => {
  const request = serving(`${up}$SIG{HUP} = sub {}; $SIG{TERM} = sub { exit 0 }; sleep 1 while 1;`);
  const { service, life, observation } = await watchLife(request, undefined);
  const [values, host] = [wallsOf(service).values, hostOf(service)];
  const input = { observation, values, host, level: "balanced", clients: undefined, ineffective: leftOut } as const;
  const { synthesis, loosened } = await rehearse(request, { life, observation }, input, [], () => undefined);
  expect(synthesis.settings.map(({ directive }) => directive)).toContain("PrivatePIDs");
  expect(loosened).toEqual([]);
});

test("where it handles no SIGTERM, it is killed when its time is up, and where it leaves orphans, these stay", async () => {
  const orphan = "if (!fork) { if (!fork) { sleep 1; exit } exit } wait;";
  const broken = await Promise.all([
    brokenWith(`${up}$SIG{HUP} = sub {}; sleep 1 while 1;`),
    brokenWith(`$SIG{HUP} = sub {}; $SIG{TERM} = sub { exit 0 }; ${orphan} sleep 2; ${up} sleep 1 while 1;`),
  ]);
  expect(broken).toEqual([
    expect.stringMatching(/^stop: failed \(timeout/),
    "workload: its main process does not wait for children that ended (1)",
  ]);
});
