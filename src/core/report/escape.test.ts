/** Hostile text in HTML. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml } from "./escape.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("\u001b", "\\", "u{", "1b}", "<", "&lt;", '"', "\u202e", "\n", "\u009b", "a", "\ud800"))
    .map((parts) => parts.join("")),
);

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
