/**
 * JSON that is safe in a terminal. JSON.stringify escapes C0 only (RFC 8259, section 7); others can act on a display,
 * too.
 */
import { HIDDEN } from "../diagnostic/visible.ts";

/**
 * Except C0, which in JSON occurs only outside strings, as layout. An escaped backslash before `u{`, which `visible`
 * would alter, is written by number too.
 */
const UNSAFE = new RegExp(String.raw`(?![\u0000-\u001f])${HIDDEN}|\\\\(?=u\{)`, "gu");

function escapeUnits(found: string): string {
  const units = found === "\\\\" ? ["\\"] : found.split("");
  return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

/**
 * The same JSON with such characters written as `\uXXXX`, so that `visible` leaves every line of it alone.
 *
 * @example
 * import { printableJson } from "cloison";
 * import assert from "node:assert";
 * assert.equal(printableJson('["\u202e"]'), '["\\u202e"]');
 */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, escapeUnits);
}
