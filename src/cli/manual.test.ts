/** The manual page: every verb, option and example is in it. Whether a formatter takes it: test/live/package.test.ts. */
import { expect, test } from "vitest";
import { manual } from "./manual.ts";
import { verbs } from "./verbs.ts";

const page = manual(verbs, { version: "1.2.3", date: "2026-01-31" });
/** As a reader sees it, but for the macros. */
const named: Readonly<Record<string, string>> = { aq: "'", dq: '"', ti: "~", u2026: "…" };
const shown = page.replaceAll("\\-", "-").replace(/\\\[(\w+)\]/g, (whole, name: string) => named[name] ?? whole);

test("manual: names every verb with its options, schemas and examples", () => {
  const all = verbs.flatMap((each) => ("verbs" in each ? each.verbs : [each]));
  expect(all.length).toBeGreaterThan(15);
  for (const verb of all) {
    expect(shown).toContain(`${verb.name} ${verb.usage}`.trim());
    for (const name of Object.keys(verb.options)) {
      expect(shown, verb.name).toContain(`--${name}`);
    }
    for (const schema of verb.schemas) {
      expect(shown).toContain(schema);
    }
    for (const example of verb.examples) {
      expect(shown).toContain(example);
    }
  }
});

test("manual: is ASCII, and begins as man(7) asks", () => {
  expect(page).toMatch(/^[\n\x20-\x7e]*$/);
  expect(page.split("\n")[0]).toBe('.TH CLOISON 1 2026\\-01\\-31 "cloison 1.2.3" "User Commands"');
});
