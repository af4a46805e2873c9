/**
 * Makes characters visible that act on a display or hide from a reader: whatever is printed for people goes through
 * here. Facts: ECMA-48 (control characters), UAX #9 (direction), the general categories of Unicode 15.1.
 */

/**
 * Control, format, private and surrogate characters; line and paragraph separators; Hangul fillers, Khmer inherent
 * vowels, noncharacters and unassigned code points among invisible ones. A character class for a regular expression
 * with flag `u`.
 */
export const HIDDEN: string = String.raw`[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u115f\u1160\u17b4\u17b5\u2028-\u202f\u205f-\u206f\u3164\uffa0\ufffe\uffff\u{e0000}-\u{e007f}]`;

const SHOWN = new RegExp(String.raw`${HIDDEN}|\\(?=u\{)`, "gu");

/**
 * Shows every such character as its code point in hexadecimal, `\u{1b}`. A backslash that would look like the start of
 * such an escape is escaped too, so that different texts never look alike.
 *
 * @example
 * import { visible } from "cloison";
 * import assert from "node:assert";
 * assert.equal(visible("a\u001b[2Jb"), "a\\u{1b}[2Jb");
 * assert.equal(visible("\\u{1b}"), "\\u{5c}u{1b}");
 * assert.equal(visible("/var/lib/été"), "/var/lib/été");
 */
export function visible(text: string): string {
  return text.replace(SHOWN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
