/** No text makes the unit parsers throw or hang, and a parsed unit prints unchanged. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkService, parseStrictly } from "../../src/core/unit/check.ts";
import { parseExec } from "../../src/core/unit/exec.ts";
import { parseServiceName } from "../../src/core/unit/name.ts";
import { parse } from "../../src/core/unit/parse.ts";
import { expandSpecifiers } from "../../src/core/unit/specifier.ts";
import { listOf } from "../../src/core/unit/unit.ts";
import { print } from "../../src/core/unit/unit-file.ts";
import { splitWords } from "../../src/core/unit/words.ts";
import { hostileText } from "./hostile-text.ts";

const line = fc.oneof(
  fc.constantFrom(
    "[Service]",
    "[Unit]",
    "[Bogus]",
    "[",
    "]",
    "[]",
    "\\",
    "# c \\",
    "; c",
    "",
    "=",
    "ExecStart=",
    "a\\\\",
  ),
  fc
    .tuple(fc.constantFrom("ExecStart", "Environment", "ReadWritePaths", "Type", "X-y"), hostileText)
    .map((pair) => pair.join("=")),
  hostileText,
);
const text = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\n\r", "\r", "\\\n"))
      .map(([lines, end]) => lines.join(end)),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 80 }) },
);

const name = parseServiceName("fuzz@a.service");

test("parse: 10000 texts, none throws or hangs, print gives the same text", () => {
  let parsedAtAll = 0;
  const property = fc.property(text, (input) => {
    const parsed = parse(input, "fuzz.service");
    if (!parsed.ok) {
      expect(parsed.diagnostics.some((each) => each.severity === "error")).toBe(true);
      return;
    }
    parsedAtAll++;
    expect(print(parsed.value)).toBe(input);
    const strict = parseStrictly(input, "fuzz.service");
    if (!name.ok || !strict.ok) {
      return;
    }
    const unit = { name: name.value, files: [parsed.value] };
    checkService(unit);
    listOf(unit, "Service", "ReadWritePaths");
    for (const entry of parsed.value.entries) {
      if (entry.kind !== "assignment") {
        continue;
      }
      expect(entry.value).not.toMatch(/[\n\r]/);
      for (const syntax of ["command", "list", "plain"] as const) {
        splitWords(entry.value, syntax);
      }
      parseExec(entry.value, { file: "f", line: entry.line, column: entry.column });
      expandSpecifiers(entry.value, { name: name.value });
    }
  });
  fc.assert(property, { numRuns: 10_000, examples: [["\ufeff"]] });
  expect(parsedAtAll).toBeGreaterThan(3000);
});

test("parse: time grows with the length of the text, not faster", () => {
  const texts = [
    `[Service]\n${"a\\\n".repeat(200_000)}`,
    `[Service]\n${"\\".repeat(1_000_000)}`,
    `[Service]\nA=${'"'.repeat(500_000)}`,
    `[Service]\n${"# c\\\n\\\n".repeat(200_000)}`,
    `[Service]\n${"A=1\n".repeat(200_000)}`,
    "\r\n".repeat(300_000),
    `[Service]\nA=${"\\".repeat(500_000)}`,
  ];
  for (const input of texts) {
    const parsed = parse(input, "big.service");
    if (!parsed.ok) {
      continue;
    }
    expect(print(parsed.value)).toBe(input);
    for (const entry of parsed.value.entries) {
      if (entry.kind === "assignment" && entry.value.length > 9) {
        splitWords(entry.value);
      }
    }
  }
}, 20_000);

test("parseServiceName: any text gives a service's name or a diagnostic", () => {
  const property = fc.property(hostileText, (input) => {
    const parsed = parseServiceName(input);
    if (parsed.ok) {
      expect(parsed.value.name).toMatch(/^[A-Za-z0-9:_.\\@-]+\.service$/);
    } else {
      expect(parsed.diagnostics.length).toBe(1);
    }
  });
  fc.assert(property, { numRuns: 2000 });
});
