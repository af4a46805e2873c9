/**
 * Every setting that systemd takes in [Service] is known: as a directive, as one that concerns no wall, or here, with the reason
 * why it makes undecided what depends on it. Tests src/core/directives/neutral.ts.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { catalogue } from "../../src/core/directives/catalogue.ts";
import { isNeutral } from "../../src/core/directives/neutral.ts";
import { currentName } from "../../src/core/unit/unit.ts";

/** Setting → why the model cannot tell. */
const UNDECIDED: Readonly<Record<string, string>> = {
  PAMName: "the machine's PAM modules may raise limits and give capabilities, groups, mounts and keyrings",
};

const directives: ReadonlySet<string> = new Set(catalogue.map(({ name }) => name));

/** The names of a section, as systemd lists what it reads: `Name=KIND`. */
function settingsOf(section: string): readonly string[] {
  const listed = execFileSync("/usr/lib/systemd/systemd", ["--dump-configuration-items"], { encoding: "utf8" });
  const lines = listed.split(`[${section}]\n`)[1]?.split("\n[")[0]?.split("\n") ?? [];
  return lines.flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
}

test("every setting of [Service] is a directive, concerns no wall, or has its reason here", () => {
  const settings = settingsOf("Service");
  expect(settings.length).toBeGreaterThan(200);
  const known = (name: string) =>
    directives.has(currentName(name)) || isNeutral(name) || Object.hasOwn(UNDECIDED, name);
  expect(settings.filter((name) => !known(name))).toEqual([]);
});

test("no setting has two places", () => {
  const names = [...directives, ...Object.keys(UNDECIDED)];
  expect(names.filter((name) => isNeutral(name))).toEqual([]);
  expect(Object.keys(UNDECIDED).filter((name) => directives.has(name))).toEqual([]);
});
