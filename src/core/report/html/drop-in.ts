/** The drop-in, line by line, each with its reason and the attacks that it stops; then the doors that were left open. */
import type { DirectiveLine, Door, Report } from "../report.ts";
import { type AttackResults, plural } from "../summary.ts";
import { anchors } from "./attacks.ts";
import { html, type Markup } from "./markup.ts";

/** The section of the drop-in. */
export function dropIn(report: Report, attacks: readonly AttackResults[]): Markup {
  const names = anchors(attacks);
  const titles = new Map(attacks.map(({ id, title }) => [id, title]));
  return html`<section aria-labelledby="drop-in">
<h2 id="drop-in">The drop-in</h2>
<p class="intro">${plural(report.directives.length, "line")} for <code><bdi>${report.unit}</bdi></code>, each with what was seen that decided its value.</p>
<ol class="drop-in">${report.directives.map((line) => lineMarkup(line, names, titles))}</ol>
</section>`;
}

function lineMarkup(
  line: DirectiveLine,
  names: ReadonlyMap<string, string>,
  titles: ReadonlyMap<string, string>,
): Markup {
  const stops = (line.blocks ?? []).map((id) => {
    const anchor = names.get(id);
    const title = titles.get(id) ?? id;
    return anchor === undefined ? html`<li>${title}</li>` : html`<li><a href="#${anchor}">${title}</a></li>`;
  });
  return html`<li><code class="setting"><bdi><b>${line.name}=</b>${line.value}</bdi></code>
<p><bdi>${line.reason}</bdi></p>
${stops.length > 0 && html`<div class="stops"><span>Stops</span><ul>${stops}</ul></div>`}</li>`;
}

/** The section of the doors; nothing when there is none. */
export function doorSection(doors: readonly Door[]): Markup {
  return html`<section aria-labelledby="doors">
<h2 id="doors">Open doors</h2>
${
  doors.length === 0
    ? html`<p class="intro">None: no exception had to be left open for this service.</p>`
    : html`<p class="intro">Exceptions that were left in the walls because the service was seen to need them.</p>
<ul class="doors">${doors.map(doorMarkup)}</ul>`
}
</section>`;
}

function doorMarkup({ directive, value, needs }: Door): Markup {
  return html`<li><code class="setting"><bdi><b>${directive}=</b>${value}</bdi></code><p><span class="label">Needed by</span> <bdi>${needs}</bdi></p></li>`;
}
