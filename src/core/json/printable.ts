/** JSON that may be shown in a terminal. JSON.stringify escapes C0 only (RFC 8259, section 7); the rest can act on a display, too. */
import { HIDDEN } from "../diagnostic/visible.ts";

/**
 * But for C0: a JSON text has such characters outside of its strings, where they are layout. A backslash before `u{`, of
 * which `visible` would make another text, is written by its number too.
 */
const UNSAFE = new RegExp(String.raw`(?![\u0000-\u001f])${HIDDEN}|\\\\(?=u\{)`, "gu");

function escapeUnits(found: string): string {
  const units = found === "\\\\" ? ["\\"] : found.split("");
  return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

/**
 * The same JSON text with such characters written as `\uXXXX`, so that `visible` finds nothing to show in any line of it.
 *
 * @example
 * import { printableJson } from "cloison";
 * import assert from "node:assert";
 * assert.equal(printableJson('["\u202e"]'), '["\\u202e"]');
 */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, escapeUnits);
}
