/** JSON with positions, checked against the engine's JSON.parse. Tests src/core/json. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, readJson, spansOf } from "./parse.ts";

/** The tree as JSON.parse would give it. */
function plain(json: Json): unknown {
  switch (json.kind) {
    case "null":
      return null;
    case "number":
      return Number(json.text);
    case "array":
      return json.items.map(plain);
    case "object":
      return Object.fromEntries(json.members.map(({ name, value }) => [name, plain(value)]));
    default:
      return json.value;
  }
}

function outcome(text: string): unknown {
  const parsed = readJson(text, "f.json");
  return parsed.ok ? plain(parsed.value) : parsed.diagnostics[0]?.code;
}

function reference(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return "json";
  }
}

test("readJson reads what JSON.parse reads, and refuses what it refuses", () => {
  const indent = fc.constantFrom(0, 1, "\t");
  fc.assert(
    fc.property(
      fc.jsonValue(),
      indent,
      fc.nat(),
      fc.constantFrom(...'{}[],:"\\0-.e\n\u0001 xt'),
      (value, space, place, odd) => {
        const text = JSON.stringify(value, null, space);
        expect(outcome(text)).toEqual(JSON.parse(text));
        const at = place % (text.length + 1);
        for (const spoilt of [
          text.slice(0, at) + odd + text.slice(at),
          text.slice(0, at),
          text.slice(0, at) + text.slice(at + 1),
        ]) {
          expect(outcome(spoilt)).toEqual(reference(spoilt));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  "01",
  "+1",
  ".5",
  "1.",
  "1e",
  "-",
  "NaN",
  "tru",
  "'a'",
  '"\\x"',
  '"\\u12"',
  "[1,]",
  '{"a":1,}',
  "{a:1}",
  "",
  "1 2",
  "//x\n1",
])("readJson refuses %s, as JSON.parse does", (text) => {
  expect(reference(text)).toBe("json");
  expect(outcome(text)).toBe("json");
});

test("readJson keeps all digits of a number", () => {
  const parsed = readJson("[18446744073709551615, 1e400, -0.10]", "f.json");
  const items = parsed.ok && parsed.value.kind === "array" ? parsed.value.items : [];
  expect(items.map((each) => (each.kind === "number" ? each.text : each.kind))).toEqual([
    "18446744073709551615",
    "1e400",
    "-0.10",
  ]);
});

test("readJson refuses what nests too deep, without overflowing", () => {
  expect(outcome("[".repeat(1_000_000))).toBe("json");
  expect(outcome("[".repeat(50) + "]".repeat(50))).not.toBe("json");
});

test("readJson says where", () => {
  const parsed = readJson('{\n  "a": 1,\n  "b": ?\n}', "f.json");
  expect(parsed.diagnostics).toMatchObject([{ span: { file: "f.json", line: 3, column: 8 } }]);
});

test("spansOf counts lines and columns from 1", () => {
  const spanOf = spansOf("ab\n\ncd", "f");
  expect([0, 1, 2, 3, 4, 5].map((at) => [spanOf(at).line, spanOf(at).column])).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 1],
    [3, 1],
    [3, 2],
  ]);
});
