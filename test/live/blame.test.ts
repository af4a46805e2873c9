/**
 * A service of several programs that two settings break, though nothing is refused to it: both are found, in few lives. And a
 * refusal that was seen leads to the setting at once. Tests src/engines/life/blame.ts, src/engines/life/problem.ts.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { earlierOf } from "../../src/engines/life/exercise.ts";
import { type Passed, rehearse } from "../../src/engines/life/rehearse.ts";
import { type Rehearsed, tryLife, watchLife } from "../../src/engines/life/trial.ts";
import { hostOf, wallsOf } from "../../src/engines/life/walls.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync("/var/tmp/cloison-blame-");
  mkdirSync(join(directory, "shown"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Answers on a port with what it sees of its own walls: an error where a file about itself says this. */
const program = (port: number, file: string, says: string) => `use Socket;
open F, "<", "${file}"; my $answer = grep(m{${says}}, <F>) ? "broken" : "ok";
socket(L, PF_INET, SOCK_STREAM, 0); setsockopt(L, SOL_SOCKET, SO_REUSEADDR, 1);
bind(L, sockaddr_in(${port}, INADDR_LOOPBACK)) or die; listen(L, 8);
while (accept(C, L)) { syswrite C, "$answer\\n"; close C }
`;

const tried = [
  "LockPersonality",
  "NoNewPrivileges",
  "ProtectClock",
  "ProtectHostname",
  "ProtectKernelLogs",
  "RestrictRealtime",
  "RestrictSUIDSGID",
];
const leftOut = new Map(catalogue.filter(({ name }) => !tried.includes(name)).map(({ name }) => [name, "left out"]));

/** Observes and rehearses, and counts the boxes of the rehearsal. */
async function rehearsal(text: string, command: string): Promise<Passed & { readonly boxes: number }> {
  let boxes = 0;
  const first: Rehearsed = {
    target: { kind: "file", name: "several.service", fileName: "several.service", text, dropIns: [] },
    workload: { command, directory: "/", timeoutMs: 60_000, environment: {} },
    companions: [],
    box: {
      progress: () => {
        boxes += 1;
      },
    },
  };
  const rehearsed = { ...first, earlier: earlierOf(await tryLife(first, undefined)) };
  const { service, life, observation } = await watchLife(rehearsed, undefined);
  const before = boxes;
  const passed = await rehearse(
    rehearsed,
    { life, observation },
    {
      observation,
      values: wallsOf(service).values,
      host: hostOf(service),
      level: "balanced",
      clients: undefined,
      ineffective: leftOut,
    },
    [],
    () => undefined,
  );
  return { ...passed, boxes: boxes - before };
}

test("two settings that break two programs are both found, within twelve lives", { timeout: 300_000 }, async () => {
  writeFileSync(join(directory, "shown/a.pl"), program(8141, "/proc/self/mountinfo", " /proc/kmsg "));
  writeFileSync(join(directory, "shown/b.pl"), program(8142, "/proc/self/status", "NoNewPrivs:.*1"));
  const unit = `[Service]\nExecStart=/bin/sh -c 'perl ${directory}/shown/a.pl & exec perl ${directory}/shown/b.pl'\n`;
  const ask =
    "for port in 8141 8142; do exec 3<>/dev/tcp/127.0.0.1/$port; read -r answer <&3; [ $answer = ok ] || exit 1; done";
  const passed = await rehearsal(unit, `bash -c '${ask}'`);
  const loosened = passed.loosened.join("\n");
  expect(loosened).toMatch(/ProtectKernelLogs=.* loosened: workload fails: exit status 1/);
  expect(loosened).toMatch(/NoNewPrivileges=.* loosened: workload fails: exit status 1/);
  expect(passed.synthesis.settings.map(({ directive }) => directive)).toEqual(
    tried.filter((name) => !["NoNewPrivileges", "ProtectKernelLogs"].includes(name)),
  );
  // Of each problem: the rehearsal, once more, and without walls; at the end the one that passes.
  const problems = passed.loosened.length;
  expect(passed.boxes - 3 * problems - 1).toBeLessThanOrEqual(12);
});
