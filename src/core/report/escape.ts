/** Makes hostile text harmless in an HTML page, and shows in it what a reader could not see. */
import { visible } from "../diagnostic/visible.ts";

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
