import fc from "fast-check";
import { expect, test } from "vitest";
import { textOfUtf8, utf8 } from "./bytes.ts";

test("textOfUtf8 reads what a TextDecoder that refuses mistakes reads, and nothing else", () => {
  const strict = (bytes: Uint8Array): string | undefined => {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return undefined;
    }
  };
  const hostile = fc
    .array(
      fc.constantFrom(0x00, 0x41, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf8, 0xff),
    )
    .map((bytes) => Uint8Array.from(bytes));
  const valid = fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text));
  fc.assert(
    fc.property(fc.oneof(hostile, valid), (bytes) => {
      expect(textOfUtf8(bytes)).toBe(strict(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("textOfUtf8 takes back what utf8 wrote", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(textOfUtf8(Uint8Array.from(utf8(text)))).toBe(text);
    }),
  );
});
