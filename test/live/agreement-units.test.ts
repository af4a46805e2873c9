/**
 * The model against systemd on units that nobody of this project wrote: the services of Debian's packages, with the attacks in the
 * place of their programs; a sample that is another one each day (`npm run agreement -- --units` asks all, of four releases).
 * Tests src/engines/judges/systemd/furnish.ts and src/core/verdict/unit-case.ts.
 */
import { expect, test } from "vitest";
import { drawn } from "../../src/core/verdict/cases.ts";
import { casesOfUnit } from "../../src/core/verdict/unit-case.ts";
import { describeCell, tableOn } from "../../src/engines/judges/table.ts";
import { prepare } from "../../tools/setup/prepare.mjs";

const { units } = prepare({ want: ["units"], say: () => {} });
const cases = units.flatMap(casesOfUnit);
const seed = Number(process.env.AGREEMENT_SEED ?? Math.floor(Date.now() / (24 * 3600 * 1000)));
const SAMPLE = 24;

/** What the whole table found: each is among the units asked on every day. */
const TELLING = ["usbguard/usbguard.service", "polkitd/polkit.service", "tor/tor@.service"];

test(`the model agrees with systemd on strangers' units (AGREEMENT_SEED=${seed})`, async () => {
  expect(new Set(cases.map(({ unit }) => unit)).size).toBeGreaterThanOrEqual(195);
  const telling = cases.filter(({ unit }) => TELLING.includes(unit ?? ""));
  expect(new Set(telling.map(({ unit }) => unit)).size).toBe(TELLING.length);
  const { cells } = await tableOn(undefined, [...new Set([...telling, ...drawn(cases, SAMPLE, seed)])]);
  expect(cells.filter(({ status }) => status === "disagree").map(describeCell)).toEqual([]);
  expect(cells.filter(({ status }) => typeof status === "object").map(describeCell)).toEqual([]);
  expect(cells.length).toBeGreaterThan(SAMPLE * 55);
});
