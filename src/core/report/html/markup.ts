/** HTML built from templates that escape whatever is put into them: the only way in this folder to make markup. */
import { escapeHtml } from "../escape.ts";

const text: unique symbol = Symbol("markup");

/** A piece of HTML. Made by `html` and `constant` only: what was read from a file can never pass for one. */
export interface Markup {
  readonly [text]: string;
}

/** What a template takes: text is escaped, pieces are put in as they are, `undefined` and `false` leave nothing. */
export type Slot = string | number | Markup | readonly Markup[] | undefined | false;

/**
 * A template. A slot stands in text or inside a double-quoted attribute value, nowhere else.
 *
 * @example
 * import { html, markupText } from "./dist/core/report/html/markup.js";
 * import assert from "node:assert";
 * assert.equal(markupText(html`<b title="${'"'}">${"<i>"}</b>`), '<b title="&quot;">&lt;i&gt;</b>');
 */
export function html(strings: TemplateStringsArray, ...slots: readonly Slot[]): Markup {
  const parts = strings.map((part, index) => part + (index < slots.length ? slotText(slots[index]) : ""));
  return { [text]: parts.join("") };
}

/** Text of the program's own, such as the style sheet, put in as it is. Never give it anything that was observed. */
export function constant(own: string): Markup {
  return { [text]: own };
}

/** The HTML of a piece. */
export function markupText(markup: Markup): string {
  return markup[text];
}

function slotText(slot: Slot): string {
  if (slot === undefined || slot === false) {
    return "";
  }
  if (typeof slot === "string" || typeof slot === "number") {
    return escapeHtml(String(slot));
  }
  return isList(slot) ? slot.map(markupText).join("") : markupText(slot);
}

function isList(slot: Markup | readonly Markup[]): slot is readonly Markup[] {
  return Array.isArray(slot);
}
