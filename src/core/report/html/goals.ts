/** What an intruder in the service could reach: the first table of the page. */
import type { GoalState } from "../../verdict/goals.ts";
import { type GoalRow, goalRows } from "../goals.ts";
import type { Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";

const LOOKS: Readonly<Record<GoalState, readonly [tone: string, glyph: string, word: string]>> = {
  open: ["bad", "○", "open"],
  unknown: ["warn", "?", "not decided"],
  closed: ["good", "✓", "out of reach"],
  untried: ["", "·", "not tried"],
};

/** The section of all goals. */
export function goalSection({ goals, probes }: Report): Markup {
  return html`<section aria-labelledby="goals">
<h2 id="goals">An intruder in it could …</h2>
<p class="intro">A goal is out of reach if every way to it that was tried is stopped, also from where other ways lead.</p>
<ul class="goals">${goalRows(goals, probes).map(row)}</ul>
</section>`;
}

function row({ title, state, before, how }: GoalRow): Markup {
  const [tone, glyph, word] = LOOKS[state];
  const was = before === undefined || before === state ? "" : `, ${LOOKS[before][2]} before`;
  const note = state === "untried" ? `${word}${was}` : `${how}${was}`;
  return html`<li><span class="mark ${tone}" aria-hidden="true">${glyph}</span><span class="hidden">${word}: </span><span class="title">${title}</span> <span class="how"><bdi>${note}</bdi></span></li>`;
}
