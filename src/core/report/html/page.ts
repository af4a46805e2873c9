/**
 * The report as one HTML file that needs nothing else: no script, no network (Content Security Policy Level 3), readable from
 * 360 px on, in light and dark, on paper, by keyboard and by screen reader. The same report always gives the same bytes.
 */
import { comparedWithInstalled } from "../installed.ts";
import { ownUserText } from "../own-user-text.ts";
import { provenanceRows } from "../provenance.ts";
import type { Report } from "../report.ts";
import { attacksOf } from "../summary.ts";
import { attackSection } from "./attacks.ts";
import { doorSection, dropIn } from "./drop-in.ts";
import { glance, verdict } from "./glance.ts";
import { goalSection } from "./goals.ts";
import { constant, html, type Markup, markupText } from "./markup.ts";
import { notBuiltSection } from "./not-built.ts";
import { walls } from "./plan.ts";
import { STYLE, STYLE_HASH } from "./style.ts";

/** The page. */
export function writePage(report: Report): string {
  const attacks = attacksOf(report.probes);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${constant(STYLE_HASH)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${report.unit}: hardening report</title>
<style>${constant(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<nav aria-label="Sections"><ul>${SECTIONS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="main">
${verdict(report)}
${goalSection(report)}
${ownUserSection(report)}
${glance(report, attacks)}
${walls(report)}
${attackSection(attacks)}
${dropIn(report, attacks)}
${doorSection(report.doors)}
${notBuiltSection(report)}
${limits(report)}
</main>
${footer(report)}
</body>
</html>
`;
  return markupText(page);
}

const SECTIONS: readonly (readonly [string, string])[] = [
  ["goals", "Goals"],
  ["glance", "Before and after"],
  ["walls", "Walls"],
  ["attacks", "Attacks"],
  ["drop-in", "Drop-in"],
  ["doors", "Doors"],
  ["not-built", "Not built"],
  ["limits", "Limits"],
];

/** A user of its own, for a service that starts as root. */
function ownUserSection({ ownUser }: Report): Markup | false {
  if (ownUser === undefined) {
    return false;
  }
  const { sentence, rows } = ownUserText(ownUser);
  return html`<section aria-labelledby="own-user">
<h2 id="own-user">A user of its own</h2>
<p class="intro"><bdi>${sentence}</bdi></p>
${terms("What it takes", rows)}
</section>`;
}

/** What this report does not say. */
function limits(report: Report): Markup {
  const unforced = report.notEnforced.map(({ name, reason }) => [name, reason] as const);
  const missing = report.notApplicable.map(({ id, reason }) => [id, reason] as const);
  return html`<section aria-labelledby="limits">
<h2 id="limits">What this does not say</h2>
${list("Warnings", report.warnings)}
${list("Compared with what is installed", comparedWithInstalled(report))}
${list("Flaky", report.flaky ?? [])}
${unusedList(report)}
${list("Not known", report.notKnown ?? [])}
${terms("Not enforced: this systemd would ignore it", unforced)}
${terms("Not applicable: no such target on this machine", missing)}
<p class="intro">Walls limit what an intruder can do; the hole that let them in is still a hole. What was tried is what is listed above, on this machine and this version of the kernel.</p>
</section>`;
}

function unusedList({ unused }: Report): Markup | false {
  if (unused === undefined) {
    return false;
  }
  const groups = [unused.capabilities.join(", "), unused.calls.join(", ")];
  return list(
    "Granted, never used",
    groups.filter((names) => names !== ""),
  );
}

function list(title: string, entries: readonly string[]): Markup | false {
  return (
    entries.length > 0 &&
    html`<h3>${title}</h3><ul class="list">${entries.map((entry) => html`<li><bdi>${entry}</bdi></li>`)}</ul>`
  );
}

function terms(title: string, entries: readonly (readonly [string, string])[]): Markup | false {
  return (
    entries.length > 0 &&
    html`<h3>${title}</h3><dl class="terms">${entries.map(
      ([name, reason]) => html`<div><dt><code><bdi>${name}</bdi></code></dt><dd><bdi>${reason}</bdi></dd></div>`,
    )}</dl>`
  );
}

function footer(report: Report): Markup {
  const { dropIn: drop, unit, executables } = report.hashes;
  const rows = [["hardening.conf", drop] as const, [report.unit, unit] as const, ...Object.entries(executables)];
  return html`<footer>
<h2>What was rehearsed</h2>
<p>SHA-256 of the very files. <code>cloison apply</code> installs nothing when one of them differs.</p>
<dl class="hashes">${rows.map(([name, hash]) => html`<div><dt><bdi>${name}</bdi></dt><dd><code>${hash}</code></dd></div>`)}</dl>
${report.made !== undefined && terms("Where this comes from", provenanceRows(report.made))}
</footer>`;
}
