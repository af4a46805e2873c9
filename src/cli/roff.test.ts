/** Text as roff: nothing in it acts, and nothing of it is lost; the reader is written from groff(7), not from the writer. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { line, request } from "./roff.ts";

const named: Readonly<Record<string, string>> = { rs: "\\", aq: "'", ga: "`", ha: "^", ti: "~", dq: '"' };

/** What a formatter prints for a line of text. */
function printed(roff: string): string {
  return roff.replace(/\\(?:\[(\w+)\]|(-)|(&)|(.?))/gu, (whole, name?: string, minus?: string, nothing?: string) => {
    if (minus !== undefined) {
      return "-";
    }
    if (nothing !== undefined) {
      return "";
    }
    const code = /^u([0-9A-F]{4,6})$/.exec(name ?? "")?.[1];
    const character = code === undefined ? named[name ?? ""] : String.fromCodePoint(Number.parseInt(code, 16));
    if (character === undefined) {
      throw new Error(`an escape that prints nothing: ${whole}`);
    }
    return character;
  });
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(".", "'", "\\", "-", '"', "`", "^", "~", "\n", " ", "…", "é", ".so", "\\n(.x"),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));

test("line: is one line of ASCII that is no request, and prints the text", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const written = line(text);
      expect(written).toMatch(/^(?![.'])[\x20-\x7e]*$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters become blanks.
      expect(printed(written)).toBe(text.replace(/[\u0000-\u001f\u007f-\u009f]/gu, " "));
    }),
    { numRuns: 2000 },
  );
});

test("request: arguments with blanks are quoted, and cannot end their quotes", () => {
  expect(request("SH", "EXIT STATUS")).toBe('.SH "EXIT STATUS"');
  expect(request("TP")).toBe(".TP");
  expect(request("B", 'say "x y"')).toBe('.B "say \\[dq]x y\\[dq]"');
  expect(request("TH", "CLOISON", "1", "")).toBe('.TH CLOISON 1 ""');
});
