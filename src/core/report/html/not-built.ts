/** What is not in the drop-in, and why: the section after the doors. */
import { notBuiltParts, settingText } from "../not-built.ts";
import type { Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";

/** The section; of a report without a synthesis it says only that. */
export function notBuiltSection({ notBuilt = [] }: Report): Markup {
  const { weighed, never } = notBuiltParts(notBuilt);
  return html`<section aria-labelledby="not-built">
<h2 id="not-built">Not built</h2>
${
  notBuilt.length === 0
    ? html`<p class="intro">No drop-in was made.</p>`
    : html`<p class="intro">What could be set as well, each with what stands against it.</p>
<dl class="terms">${weighed.map((line) => html`<div><dt><code><bdi>${settingText(line)}</bdi></code></dt><dd><bdi>${line.reason}</bdi></dd></div>`)}</dl>
<h3>Never written, whatever the service</h3><p class="intro">${never.join(" ")}</p>`
}
</section>`;
}
