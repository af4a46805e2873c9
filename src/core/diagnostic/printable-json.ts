/** JSON that may be shown in a terminal. JSON.stringify escapes C0 only (RFC 8259, section 7); the rest can act on a display, too. */

/** DEL and C1, direction marks and overrides, invisible characters, line separators: outside of texts a JSON text has none. */
const UNSAFE = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * The same JSON text with such characters written as `\uXXXX`.
 *
 * @example
 * import { printableJson } from "cloison";
 * import assert from "node:assert";
 * assert.equal(printableJson('["\u202e"]'), '["\\u202e"]');
 */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
