/** The printed form, parsed back by independent decoders. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { printableJson } from "../json/printable.ts";
import { visible } from "./visible.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("\u001b", "\\", "u{", "1b}", "<", "&lt;", '"', "\u202e", "\n", "\u009b", "a", "\ud800"))
    .map((parts) => parts.join("")),
);

test("visible: nothing is left that acts on a terminal or hides from a reader", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      // The engine's Unicode classes: control, format, private, surrogate, line and paragraph separator.
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    }),
    { numRuns: 2000 },
  );
});

test("visible: it can be read back, so different texts never look alike", () => {
  const back = (text: string): string =>
    text.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  fc.assert(
    fc.property(hostile, (text) => {
      expect(back(visible(text))).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

test("visible: what people write in paths is left alone", () => {
  for (const text of ["/srv/été/ß", "foo\\x2dbar.service", "100 %", "日本語", "😀", "שלום", 'a "b" c']) {
    expect(visible(text)).toBe(text);
  }
});

test("printableJson: the same value in characters that stay where they are put, layout included", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, fc.constant("\u{e0041}\u{e007f}")), (text) => {
      const json = printableJson(JSON.stringify({ [text]: [text] }, undefined, 2));
      expect(JSON.parse(json)).toEqual({ [text]: [text] });
      for (const line of json.split("\n")) {
        expect(visible(line)).toBe(line);
      }
      expect(json.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 2000 },
  );
});
