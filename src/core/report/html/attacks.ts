/** Every attack with its evidence, worst first; those that did not simply fail are unfolded. */
import { originsText } from "../../verdict/conclude.ts";
import type { Later } from "../../verdict/later.ts";
import type { ProbeResult } from "../../verdict/result.ts";
import {
  type AttackResults,
  ENDINGS,
  type Ending,
  endingOf,
  laterCount,
  laterText,
  reasonsOf,
  tally,
} from "../summary.ts";
import { html, type Markup } from "./markup.ts";

interface Look {
  readonly tone: string;
  readonly glyph: string;
  readonly title: string;
  readonly note: string;
}

const LOOKS: Readonly<Record<Ending, Look>> = {
  violated: {
    tone: "bad",
    glyph: "✗",
    title: "Violated",
    note: "A wall should stop these, and does not.",
  },
  unknown: {
    tone: "warn",
    glyph: "?",
    title: "Not decided",
    note: "These were tried, but nothing can be concluded. Nothing is claimed about them.",
  },
  open: {
    tone: "warn",
    glyph: "○",
    title: "Open",
    note: "These get through, as the model says they must: the door that lets them through is needed.",
  },
  stopped: { tone: "good", glyph: "✓", title: "Stopped", note: "The wall named beside each refused it." },
};

/** The anchor of each attack, by its id; made of numbers, for an id is a text like any other. */
export function anchors(attacks: readonly AttackResults[]): ReadonlyMap<string, string> {
  return new Map(attacks.map(({ id }, index) => [id, `attack-${index + 1}`]));
}

/** The section of all attacks. */
export function attackSection(attacks: readonly AttackResults[]): Markup {
  const names = anchors(attacks);
  const count = tally(attacks);
  return html`<section aria-labelledby="attacks">
<h2 id="attacks">Attacks</h2>
<p class="intro">Each was tried from inside the service, with its user and its walls. Each has a control: the same attack as root with every wall taken away, where it must get through, or it proves nothing.${again(attacks)}</p>
${ENDINGS.filter((ending) => count[ending] > 0).map((ending) =>
  group(
    ending,
    attacks.filter((attack) => attack.ending === ending),
    names,
  ),
)}
${attacks.length === 0 && html`<p>No attack was tried.</p>`}
</section>`;
}

function again(attacks: readonly AttackResults[]): string {
  const later = laterCount(attacks);
  return later === undefined
    ? ""
    : ` All were tried again. Behind the same walls, after what happens to a machine in a month (files replaced, daemons restarted, PID 1 re-executed), this many got through: ${laterText(later)}. After a second start of the service: ${later.anew}.`;
}

function group(ending: Ending, attacks: readonly AttackResults[], names: ReadonlyMap<string, string>): Markup {
  const { tone, title, note } = LOOKS[ending];
  return html`<h3 class="group"><span class="${tone}">${title}</span> <span class="count">${attacks.length}</span></h3>
<p class="intro">${note}</p>
<div class="attacks">${attacks.map((attack) => details(attack, names.get(attack.id) ?? ""))}</div>`;
}

function details(attack: AttackResults, anchor: string): Markup {
  const { tone, glyph, title } = LOOKS[attack.ending];
  const content = html`<summary><span class="mark ${tone}" aria-hidden="true">${glyph}</span><span class="hidden">${title}: </span><span class="title">${attack.title}</span> <span class="by"><bdi>${reasonsOf(attack)}</bdi></span></summary>
<div class="body">${attack.results.map((result) => evidence(result, attack.results.length > 1))}</div>`;
  return attack.ending === "stopped"
    ? html`<details id="${anchor}">${content}</details>`
    : html`<details id="${anchor}" open>${content}</details>`;
}

/** How it went on the unit as it was. */
function beforeText(before: ProbeResult["before"]): string {
  switch (before?.kind) {
    case undefined:
      return "not tried";
    case "through":
      return "got through";
    case "stopped":
      return `stopped already, by ${originsText(before.by)}`;
    case "unknown":
      return "could not be decided";
  }
}

const LATER: Readonly<Record<Later["after"], string>> = {
  through: "got through",
  stopped: "was stopped",
  unknown: "could not be decided",
  untried: "could not be tried: the walls refuse children, or what waiting takes",
};

const NEWLINE = html`
`;

function evidence(result: ProbeResult, several: boolean): Markup {
  const { tone, glyph, title } = LOOKS[endingOf(result)];
  const control = result.control === "passed" ? "got through, as it must" : "did not get through";
  const predicted = result.predicted === "denied" ? "it is stopped" : "it gets through";
  const steps = result.evidence.split("\n").map((line, index) => html`${index > 0 && NEWLINE}${line}`);
  return html`<div class="result">
${several && html`<p class="identity"><span class="mark ${tone}" aria-hidden="true">${glyph}</span> ${title} as <bdi>${result.identity}</bdi></p>`}
<dl>${!several && row("Tried as", result.identity)}${row("Without walls", control)}${row("Before hardening", beforeText(result.before))}${result.later && row("After a month", LATER[result.later.after])}${result.later && row("Started anew", LATER[result.later.anew])}${row("The model says", predicted)}${row("Because of", result.reason)}</dl>
<p class="answer">The kernel answered</p>
<pre><code>${steps}</code></pre>
</div>`;
}

function row(name: string, value: string): Markup {
  return html`<div><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`;
}
