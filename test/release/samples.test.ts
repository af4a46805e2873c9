/**
 * The samples on another release: hardened in a box with the root of Debian 12, under its systemd 252, with its packages of the same
 * services. Each must work as it does on this machine's: also on the workload that was not observed, and behind no setting that 252 does
 * not know. Tests src/engines/harden.ts. Not here: valkey and the bookshop that needs it, which Debian 12 does not have.
 */
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { samplesOf } from "../../src/core/directives/samples.ts";
import { type HardenRequest, hardenService } from "../../src/engines/harden.ts";
import { exercise } from "../../src/engines/life/exercise.ts";
import { inBox } from "../../src/engines/life/trial.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { checkout, sampleOf } from "../live/fixtures/samples.ts";

const ROOT = "bookworm-services";
const SYSTEMD = 252;
const root = prepare({ want: [`root:${ROOT}`], say: () => {} }).roots[ROOT] ?? "";

/** The sample's name, and that of its unit where Debian 12 has another. */
const SAMPLES: readonly (readonly [string, string | undefined])[] = [
  ["nginx", undefined],
  ["apache2", undefined],
  ["php-fpm", "php8.2-fpm.service"],
  ["journal-gatewayd", undefined],
  ["node-server", undefined],
];

/** The files and the user of the one sample that no package has, laid over the root. */
const notes = mkdtempSync("/var/tmp/cloison-notes-");
afterAll(() => rmSync(notes, { recursive: true }));
chmodSync(notes, 0o755);
cpSync(join(checkout, "test/samples/node-server/box"), notes, { recursive: true });
for (const [file, line] of [
  ["passwd", "notes:x:990:990::/nonexistent:/usr/sbin/nologin"],
  ["group", "notes:x:990:"],
]) {
  writeFileSync(join(notes, "etc", `${file}`), `${readFileSync(join(root, "etc", `${file}`), "utf8")}${line}\n`);
}
mkdirSync(join(notes, "var/lib/notes"), { recursive: true });
chownSync(join(notes, "var/lib/notes"), 990, 990);

function requestFor(name: string, unit: string | undefined, which: "workload" | "second"): HardenRequest {
  const sample = sampleOf(name);
  return {
    target: { kind: "installed", name: unit ?? sample.unit },
    workload: { command: sample[which].join(" "), directory: checkout, timeoutMs: 280_000, environment: {} },
    companions: sample.start.filter((each) => !each.endsWith(".socket")),
    box: {
      root,
      addresses: sample.addresses,
      layers: name === "node-server" ? [notes] : [],
      bindReadOnly: [{ source: checkout, target: checkout }],
    },
    level: "balanced",
    clients: undefined,
    asked: { command: [], version: "" },
    say: () => {},
  };
}

/** The settings of a drop-in that a systemd of this version does not know, by the directives' own `since`. */
function unknownTo(version: number, dropIn: string): readonly string[] {
  const settings = dropIn.split("\n").filter((line) => /^\w+=/.test(line));
  return settings.filter((line) => {
    const [name = "", value = ""] = [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)];
    const directive = catalogue.find((each) => each.name === name);
    const since = directive && (samplesOf(directive).find((each) => each.value === value)?.since ?? directive.since);
    return since === undefined || since > version;
  });
}

describe.each(SAMPLES)("sample %s on Debian 12", (name, unit) => {
  test("is hardened, holds, and still works on a workload that was not observed", async () => {
    const { report, dropIn } = await hardenService(requestFor(name, unit, "workload"));
    expect(report.systemd).toMatch(new RegExp(`^${SYSTEMD}\\b`));
    expect(report.workload).toEqual({ before: "pass", after: "pass" });
    const failed = report.probes.filter(({ outcome }) => outcome !== "holds");
    expect(failed.map(({ id, identity, reason }) => `${id} as ${identity}: ${reason}`)).toEqual([]);
    expect(report.exposure.after).toBeLessThan(report.exposure.before);
    expect(unknownTo(SYSTEMD, dropIn)).toEqual([]);
    const second = requestFor(name, unit, "second");
    const life = await inBox(second, dropIn, (box, service) =>
      exercise(box, service, second.workload, { again: false }),
    );
    const wrong = life.filter(({ outcome }) => outcome !== "absent" && outcome !== "passed");
    expect(wrong.map(({ phase, outcome, detail }) => `${phase} ${outcome}: ${detail}`)).toEqual([]);
    process.stdout.write(
      `${name}: exposure ${report.exposure.before} -> ${report.exposure.after}, ${report.probes.filter(({ open }) => open).length} of ${report.probes.length} attacks open\n`,
    );
  });
});
