/** JSON that may be shown in a terminal. JSON.stringify escapes C0 only (RFC 8259, section 7); the rest can act on a display, too. */
import { HIDDEN } from "./visible.ts";

/** But for C0: a JSON text has such characters outside of its strings, where they are layout. */
const UNSAFE = new RegExp(String.raw`(?![\u0000-\u001f])${HIDDEN}`, "gu");

function escapeUnits(character: string): string {
  const units = character.split("");
  return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
}

/**
 * The same JSON text with such characters written as `\uXXXX`.
 *
 * @example
 * import { printableJson } from "cloison";
 * import assert from "node:assert";
 * assert.equal(printableJson('["\u202e"]'), '["\\u202e"]');
 */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, escapeUnits);
}
