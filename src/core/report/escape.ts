/**
 * Makes hostile text harmless for one target each: a terminal and an HTML page. Both first make visible what a reader
 * could not see: control characters (ECMA-48), direction overrides (UAX #9), invisible and tag characters (Unicode 15.1).
 */

/** C0, DEL, C1; soft hyphen; Arabic letter mark; zero width and direction marks; line and paragraph separators; direction
 * embeddings and isolates; invisible operators; byte order mark, annotation marks; lone surrogates; tag characters. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\p{Cs}\u{e0000}-\u{e007f}]|\\(?=u\{)/gu;

/**
 * Shows every character that acts on a display, or hides from it, as `\u{1b}`: its code point in hexadecimal. A backslash that
 * would look like the beginning of such an escape is escaped too, so that different texts never look alike.
 *
 * @example
 * import { visible } from "cloison";
 * import assert from "node:assert";
 * assert.equal(visible("a\u001b[2Jb"), "a\\u{1b}[2Jb");
 * assert.equal(visible("\\u{1b}"), "\\u{5c}u{1b}");
 * assert.equal(visible("/var/lib/été"), "/var/lib/été");
 */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const ENTITIES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text for an HTML text node or a double-quoted attribute value; it is the same in both. Never for a URL, a style or a script.
 *
 * @example
 * import { escapeHtml } from "cloison";
 * import assert from "node:assert";
 * assert.equal(escapeHtml('<a b="c">'), "&lt;a b=&quot;c&quot;&gt;");
 */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
