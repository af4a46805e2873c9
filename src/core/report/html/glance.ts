/** The top of the page: verdict, exposure on its scale, and the figures before and after. */
import type { Report } from "../report.ts";
import {
  type AttackResults,
  exposureWord,
  headline,
  plural,
  throughAfter,
  throughBefore,
  VERDICTS,
} from "../summary.ts";
import { html, type Markup } from "./markup.ts";

/** The unit, the verdict in a word and in a sentence, and on what it was measured. */
export function verdict(report: Report): Markup {
  const { tone, word } = VERDICTS[report.verdict];
  return html`<header class="verdict">
<p class="brand"><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M1.5 1.5h17v17h-17zM10 1.5v6M10 12.5v6M10 7.5l4 4" /></svg>Cloison <span>hardening report</span></p>
<h1><bdi>${report.unit}</bdi></h1>
<p class="lead"><strong class="badge ${tone}">${word}</strong> ${headline(report)}</p>
<dl class="facts"><div><dt>Level</dt><dd>${report.level}</dd></div><div><dt>systemd</dt><dd>${report.systemd}</dd></div><div><dt>Linux</dt><dd>${report.kernel}</dd></div></dl>
</header>`;
}

/** Before and after at a glance. */
export function glance(report: Report, attacks: readonly AttackResults[]): Markup {
  const { syscalls, capabilities, writable, workload } = report;
  const passed = throughBefore(attacks);
  return html`<section aria-labelledby="glance">
<h2 id="glance">Before and after</h2>
${exposureScale(report)}
<ul class="tiles">
${tile("Attacks that pass", passed, throughAfter(attacks), attacks.length, `of ${plural(attacks.length, "attack")} tried`)}
${tile("System calls left", syscalls.before, syscalls.after, syscalls.before, "that the kernel still answers")}
${tile("Capabilities left", capabilities.before.length, capabilities.after.length, 41, capabilityNames(report))}
${placesTile(writable)}
</ul>
<p class="workload">${mark(workload.after === "pass")} The workload ${words(workload.before)} before and ${words(workload.after)} behind the walls.</p>
</section>`;
}

function words(state: "pass" | "fail"): string {
  return state === "pass" ? "passed" : "failed";
}

function mark(good: boolean): Markup {
  return good
    ? html`<span class="mark good" aria-hidden="true">✓</span>`
    : html`<span class="mark bad" aria-hidden="true">✗</span>`;
}

function capabilityNames(report: Report): string {
  const { after } = report.capabilities;
  if (after.length === 0) {
    return "none can ever be held";
  }
  const names = after.map((name) => name.replace(/^CAP_/, "").toLowerCase().replaceAll("_", " "));
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

/** A tile with two bars: as it was, as it is. */
function tile(label: string, before: number | undefined, after: number, most: number, note: string): Markup {
  const was = before === undefined ? "not tried" : String(before);
  return html`<li class="tile"><h3>${label}</h3>
<p class="figure"><span class="was"><span class="hidden">before </span>${was}</span> <span aria-hidden="true" class="arrow">→</span> <span class="now"><span class="hidden">after </span>${after}</span></p>
${bars(before ?? 0, after, most)}
<p class="note">${note}</p></li>`;
}

function placesTile(writable: Report["writable"]): Markup {
  const everywhere = (paths: readonly string[]): boolean => paths.includes("/");
  const count = (paths: readonly string[]): string => (everywhere(paths) ? "all" : String(paths.length));
  const size = (paths: readonly string[]): number => (everywhere(paths) ? 100 : Math.min(paths.length * 3, 100));
  const shown = writable.after.slice(0, 3).join(", ");
  const more = writable.after.length > 3 ? ` and ${writable.after.length - 3} more` : "";
  return html`<li class="tile"><h3>Writable places</h3>
<p class="figure"><span class="was"><span class="hidden">before </span>${count(writable.before)}</span> <span aria-hidden="true" class="arrow">→</span> <span class="now"><span class="hidden">after </span>${count(writable.after)}</span></p>
${bars(size(writable.before), size(writable.after), 100)}
<p class="note paths"><bdi>${everywhere(writable.after) ? "wherever its user may write" : `${shown}${more}`}</bdi></p></li>`;
}

function bars(before: number, after: number, most: number): Markup {
  const share = (value: number): string => `${Math.min(Math.round((value / Math.max(most, 1)) * 1000) / 10, 100)}%`;
  return html`<svg class="bars" width="100%" height="14" aria-hidden="true"><rect class="was" width="${share(before)}" height="4" y="0" rx="2" /><rect class="now" width="${share(after)}" height="6" y="8" rx="3" /></svg>`;
}

const ZONES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 5],
  [5, 7.5],
  [7.5, 9],
  [9, 10],
];

/** The scale of `systemd-analyze security`, 0 at the left, with both values on it. Percentages, so that text keeps its size. */
function exposureScale(report: Report): Markup {
  const { before, after } = report.exposure;
  const at = (value: number): string => `${value * 10}%`;
  const sentence = `${before.toFixed(1)} ${exposureWord(before)} before, ${after.toFixed(1)} ${exposureWord(after)} after`;
  return html`<figure class="exposure">
<figcaption><span class="exposure-label">Exposure, by <code>systemd-analyze security</code></span>
<span class="exposure-figure"><span class="was"><span class="hidden">before </span>${before.toFixed(1)} <small>${exposureWord(before)}</small></span> <span aria-hidden="true" class="arrow">→</span> <span class="now"><span class="hidden">after </span>${after.toFixed(1)} <small>${exposureWord(after)}</small></span></span></figcaption>
<svg width="100%" height="46" role="img" aria-label="Scale from 0 to 10, less is better: ${sentence}">
${ZONES.map(([from, to], index) => html`<rect class="zone zone-${index}" x="${at(from)}" width="${at(to - from)}" y="14" height="8" />`)}
${ZONES.slice(1).map(([from]) => html`<line class="tick" x1="${at(from)}" x2="${at(from)}" y1="12" y2="24" />`)}
${ZONES.map(zoneWord)}
<circle class="was" cx="${at(before)}" cy="18" r="7" /><circle class="now" cx="${at(after)}" cy="18" r="9" />
</svg>
</figure>`;
}

/** The first and the last word keep to the ends of the scale, so that they stay apart on a narrow screen. */
function zoneWord([from, to]: readonly [number, number], index: number): Markup {
  const anchor = from === 0 ? "start" : to === 10 ? "end" : "middle";
  const x = { start: from, middle: (from + to) / 2, end: to }[anchor];
  return html`<text class="zone-word zone-word-${index}" x="${x * 10}%" y="41" text-anchor="${anchor}">${exposureWord(from === 0 ? 0.5 : from)}</text>`;
}
