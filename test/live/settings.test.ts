/**
 * Random units, whose settings are repeated, reset and inverted, against the systemd of each of Debian's releases: what core/unit
 * reads of them and the directives fold must, printed again, look the same to `systemctl show` and be as exposed to
 * `systemd-analyze security`; and what the catalogue holds of the weights in that score must be what each version reckons with.
 * `UNITS=300 SEED=1 npx vitest run --project live test/live/settings.test.ts` asks all, every run of the tests a few of the day.
 * Tests src/core/unit, src/core/directives and src/linux/analyze-security.ts.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { valueOrThrow } from "../../src/core/diagnostic/input-error.ts";
import { assignmentsOf } from "../../src/core/directives/assignments.ts";
import { catalogue as all } from "../../src/core/directives/catalogue.ts";
import type { AnyDirective } from "../../src/core/directives/directive.ts";
import { foldUnit, type Host } from "../../src/core/directives/sandbox.ts";
import { parseServiceName } from "../../src/core/unit/name.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { type Box, bootBox } from "../../src/engines/box/box.ts";
import { prepare } from "../../tools/setup/prepare.mjs";
import { type Line, linesOf } from "../property/directive-lines.ts";
import { type Check, scoreIn } from "./fixtures/exposure.ts";
import { compared, type Pair, unitText } from "./fixtures/same-to-systemd.ts";

const { roots } = prepare({ want: ["roots"], say: () => {} });
const UNITS = Number(process.env.UNITS ?? 12);
const SEED = Number(process.env.SEED ?? Math.floor(Date.now() / (24 * 3600 * 1000)));
/** The systemd whose sets of calls the catalogue has. */
const OWN = 257;
/** Each costs a program that reads all properties. */
const SCORED = Math.min(UNITS, process.env.UNITS === undefined ? 3 : UNITS);

/** A unit of which every check has the worst to say, but that it is not root, for some do not apply to root. */
const WORST = [
  "User=nobody",
  "SupplementaryGroups=adm",
  "KeyringMode=shared",
  "NotifyAccess=all",
  "Delegate=yes",
  "AmbientCapabilities=CAP_KILL",
  "UMask=0000",
  "PrivateMounts=no",
];

/** The checks of each directive, or of those that share one, with their figures. */
function groupsOf(
  checks: readonly Check[],
): readonly { readonly names: readonly string[]; readonly figures: readonly number[] }[] {
  const groups = new Map<string, number[]>();
  for (const { directives, exposure } of checks) {
    const key = directives.join(" ");
    groups.set(key, [...(groups.get(key) ?? []), exposure ?? 0]);
  }
  return [...groups].map(([key, figures]) => ({ names: key.split(" "), figures }));
}

/** What our reading of a unit file folds to, printed as lines that mean the same. */
function printed(lines: readonly Line[], host: Host, directives: readonly AnyDirective[]): readonly Line[] {
  const file = valueOrThrow(parse(unitText(lines), "random.service"));
  const unit = { name: valueOrThrow(parseServiceName("random.service")), files: [file] };
  const { values } = foldUnit(assignmentsOf(unit), host);
  return directives.flatMap((directive) => {
    const value = values.has(directive.name) ? values.get(directive.name) : directive.initial;
    return directive
      .print(value, directive.initial, host.machine)
      .map((text) => ({ name: directive.name, value: text }));
  });
}

describe.each([
  ["bullseye", 247],
  ["bookworm", 252],
  ["trixie", 257],
  ["sid", 262],
])("systemd of Debian %s", (suite, systemd) => {
  const host: Host = { systemd, machine: "x86_64", user: () => undefined, directories: [], executables: [] };
  const directives = all.filter(({ since }) => since <= systemd);
  let box: Box;
  beforeAll(async () => {
    // The guard of the host's hardware is a drop-in on every unit; nothing is started here.
    const allowHost = ["modules", "clock", "raw-io", "boot", "devices"] as const;
    const root = roots[suite];
    box = await bootBox({ name: "settings", allowHost, ...(root === undefined ? {} : { root }) });
  });
  afterAll(() => box?.down());

  test(`what is read of ${UNITS} random units means the same to it (SEED=${SEED})`, async () => {
    // Also lines that this version is too old for; but one that knows no links takes `name:link` for a name with a colon.
    const links = systemd < 250 ? /^(?:\w+Directory)=.*:/ : /^$/;
    // Two roots at once, and two user namespaces, are refused since 260.
    const refused = fc.constantFrom(/^(?:RootMStack|UserNamespacePath)=/, /^(?:RootDirectory|RootImage|PrivateUsers)=/);
    const unit = fc
      .tuple(refused, ...all.map(linesOf))
      .map(([one, ...each]) =>
        each.flat().filter(({ name, value }) => ![one, links].some((out) => out.test(`${name}=${value}`))),
      );
    const pairs: readonly Pair[] = fc
      .sample(unit, { numRuns: UNITS, seed: SEED + systemd })
      .map((first) => ({ first, second: printed(first, host, directives) }));
    const { differences, names, refused: notLoaded } = await compared(box, "random", directives, pairs);
    expect(notLoaded).toEqual([]);
    expect(differences).toEqual([]);
    for (const [a, b] of names.slice(0, SCORED)) {
      const [first, second] = [await scoreIn(box, a, systemd), await scoreIn(box, b, systemd)];
      // What a set of calls holds differs from version to version, and the calls are written one by one.
      const besideCalls = ({ checks }: typeof first) =>
        checks.filter(({ name }) => !name.startsWith("SystemCallFilter"));
      expect(besideCalls(first)).toEqual(besideCalls(second));
      if (systemd === OWN) {
        expect(first).toEqual(second);
      }
    }
  });

  test("it scores what the catalogue says it scores, with these weights", async () => {
    const unit = `[Service]\nExecStart=/bin/true\n${WORST.map((line) => `${line}\n`).join("")}`;
    await box.writeFile("/run/systemd/system/worst.service", unit);
    await box.systemctl("daemon-reload");
    const { checks } = await scoreIn(box, "worst.service", systemd);
    const groups = groupsOf(checks);
    const weighed = new Map(directives.flatMap(({ name, weight }) => (weight === undefined ? [] : [[name, weight]])));
    expect(groups.flatMap(({ names }) => names).toSorted()).toEqual([...weighed.keys()].toSorted());
    expect(checks.filter(({ applies }) => !applies)).toEqual([]);
    const weightOf = (names: readonly string[]) => Math.max(...names.map((name) => weighed.get(name) ?? 0));
    const sum = groups.reduce((total, { names }) => total + weightOf(names), 0);
    // Each figure is rounded up, so that a directive's weight lies within as many hundredths as it has checks.
    const wrong = groups.filter(({ names, figures }) => {
      const share = (weightOf(names) * 100) / sum;
      const most = figures.reduce((total, figure) => total + figure, 0);
      return share > most || share <= most - figures.length;
    });
    expect(wrong.map((group) => ({ ...group, weight: weightOf(group.names), sum }))).toEqual([]);
  });
});
