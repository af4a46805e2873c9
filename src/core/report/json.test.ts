/** The report as JSON: held against docs/schema/report.schema.json by an independent validator, and read back. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readReport, writeReport } from "./json.ts";
import type { Report } from "./report.ts";

const root = join(import.meta.dirname, "../../..");
const schema = JSON.parse(readFileSync(join(root, "docs/schema/report.schema.json"), "utf8"));
const accepts = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
const samples = ["hardened", "hostile"].map((name) =>
  readFileSync(join(root, "test/samples/report", `${name}.json`), "utf8"),
);

function sample(index: number): Report {
  const parsed = readReport(samples[index]!);
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.diagnostics));
  }
  return parsed.value;
}

test.each([0, 1])("readReport and writeReport: sample %i comes back whole and keeps to the schema", (index) => {
  const report = sample(index);
  const written = writeReport(report);
  expect(JSON.parse(written)).toEqual(JSON.parse(samples[index]!));
  expect(writeReport(sample(index))).toBe(written);
  expect(accepts(JSON.parse(written)), JSON.stringify(accepts.errors)).toBe(true);
});

test("writeReport: what is written is safe to show in a terminal", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  expect(writeReport(sample(1))).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|\p{Bidi_Control}/u);
});

test("writeReport: fields that the contract does not name are not written", () => {
  const report = { ...sample(0), confidential: "x" };
  expect(writeReport(report)).not.toContain("confidential");
});

/** Replaces one value somewhere inside a document. */
function mutate(value: unknown, path: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null) {
    return replacement;
  }
  const keys = Object.keys(value);
  const key = keys[step % Math.max(keys.length, 1)];
  if (key === undefined) {
    return replacement;
  }
  const changed = mutate((value as Record<string, unknown>)[key], rest, replacement);
  if (Array.isArray(value)) {
    return value.map((entry, index) => (String(index) === key ? changed : entry));
  }
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, entry]) => {
      if (name !== key) {
        return [[name, entry]];
      }
      return changed === undefined ? [] : [[name, changed]];
    }),
  );
}

test("readReport: accepts exactly what the schema accepts", { timeout: 120_000 }, () => {
  const replacements = fc.constantFrom(undefined, null, "", "x", -1, 3, 1.5, true, [], {}, ["a"], { a: 1 }, "holds");
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.nat(1), fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }), replacements, (index, path, other) => {
      const document = mutate(JSON.parse(samples[index]!), path, other);
      const json = JSON.stringify(document) ?? "null";
      const parsed = readReport(json);
      expect(parsed.ok, json.slice(0, 200)).toBe(accepts(JSON.parse(json)));
      seen[parsed.ok ? "accepted" : "refused"] += 1;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(50);
});

test("readReport: any text gives a report or diagnostics", () => {
  const cut = fc.nat(samples[0]!.length).map((length) => samples[0]!.slice(0, length));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), cut), (text) => {
      const parsed = readReport(text);
      expect(parsed.ok || parsed.diagnostics.length > 0).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("readReport: says where and what", () => {
  const broken = { ...sample(0), probes: [{ ...sample(0).probes[0], open: "no" }] };
  const json = JSON.stringify(broken);
  expect(readReport(json, "out/report.json").diagnostics).toEqual([
    {
      code: "report-shape",
      severity: "error",
      message: "report.probes[0].open is not true or false",
      help: "give a report.json that `cloison harden` wrote",
      span: { file: "out/report.json", line: 1, column: json.indexOf('"no"') + 1 },
    },
  ]);
});

test("writeReport: refuses to write what could not be read", () => {
  const unread: Report = { ...sample(0), exposure: { before: 9.4, after: Number.NaN } };
  expect(() => writeReport(unread)).toThrow("report.exposure.after is not a number from 0 to 10");
});
