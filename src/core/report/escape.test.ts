/** Hostile text: parsed back by decoders that are not the encoder's. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, visible } from "./escape.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("\u001b", "\\", "u{", "1b}", "<", "&lt;", '"', "\u202e", "\n", "\u009b", "a", "\ud800"))
    .map((parts) => parts.join("")),
);

test("visible: nothing is left that acts on a terminal or hides from a reader", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      // Unicode's own classes, as the engine knows them: control, format, surrogate, line and paragraph separator.
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
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

test("escapeHtml: no character is left that could end a text node or an attribute value", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const escaped = escapeHtml(text);
      expect(escaped).not.toMatch(/[<>"']/);
      // Every ampersand begins one of the five references that we write.
      expect(escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
    }),
    { numRuns: 2000 },
  );
});
