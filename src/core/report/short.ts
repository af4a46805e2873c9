/** The result on one screen, about twenty lines, for the terminal: the long text is `text.ts`. */
import { columns, type Line, piece, wrap } from "./lines.ts";
import { notBuiltParts, settingText } from "./not-built.ts";
import { ownUserText } from "./own-user-text.ts";
import type { Report } from "./report.ts";
import { type AttackResults, attacksOf, type Ending, headline, plural } from "./summary.ts";
import { changeLines, verdictLines } from "./text.ts";

const WIDTH = 100;

/** What the terminal shows of a run. `directory`: where its files are. */
export function shortLines(report: Report, directory: string): readonly Line[] {
  const attacks = attacksOf(report.probes);
  return [
    ...verdictLines(report.unit, report.verdict, headline(report)),
    // All but the last two: namespaces are walls, which the long text lists, and the workload is in the first sentence.
    ...changeLines(report, attacks).slice(0, -2),
    [],
    ...whole("In reach", openGoals(report).join("; ")),
    ...named("Violated", titlesOf(attacks, "violated")),
    ...named("Not decided", titlesOf(attacks, "unknown")),
    ...named("Open", titlesOf(attacks, "open")),
    ...unusedLine(report),
    ...named("Not built", notBuilt(report)),
    ...ownUserLine(report),
    ...fileLines(directory),
  ];
}

/** Where the files of a run are. */
export function fileLines(directory: string): readonly Line[] {
  return [
    entry("Drop-in", `${directory}/hardening.conf`),
    entry("Report", `${directory}/report.html, report.txt, report.json`),
  ];
}

const LABEL = 14;

function entry(label: string, text: string): Line {
  return [piece(label.padEnd(LABEL), "strong"), piece(text)];
}

/** The columns that a text takes once it is harmless. */
function shownColumns(text: string): number {
  return columns(piece(text).text);
}

/** An entry of one line, whatever the text: what does not fit is cut. */
function cutEntry(label: string, text: string): Line {
  const [line = []] = wrap([piece(label.padEnd(LABEL), "strong"), piece(text)], { first: 0, rest: 0, width: WIDTH });
  return line;
}

/** An entry of as many lines as it takes: what nobody may miss. */
function whole(label: string, text: string): readonly Line[] {
  const pieces = [piece(label.padEnd(LABEL), "strong"), piece(text)];
  return text === "" ? [] : wrap(pieces, { first: 0, rest: LABEL, width: WIDTH });
}

/** What an intruder could still do. */
function openGoals({ goals }: Report): readonly string[] {
  return goals.filter(({ state }) => state === "open").map(({ title }) => title);
}

function titlesOf(attacks: readonly AttackResults[], ending: Ending): readonly string[] {
  return attacks.filter((attack) => attack.ending === ending).map(({ title }) => title);
}

/** As many of these titles as fit in a line. */
function named(label: string, titles: readonly string[]): readonly Line[] {
  const textOf = (shown: number): string => {
    const more = titles.length - shown;
    return `${titles.slice(0, shown).join("; ")}${more === 0 ? "" : `; and ${more} more`}`;
  };
  if (titles.length === 0) {
    return [];
  }
  const fitting = titles.findLastIndex((_, index) => shownColumns(textOf(index + 1)) <= WIDTH - LABEL);
  return [cutEntry(label, textOf(Math.max(fitting + 1, 1)))];
}

function ownUserLine({ ownUser }: Report): readonly Line[] {
  return ownUser === undefined ? [] : whole("Own user", ownUserText(ownUser).sentence);
}

/** The settings that were weighed and are not written; why stands in the long text. */
function notBuilt({ notBuilt: lines = [] }: Report): readonly string[] {
  return notBuiltParts(lines).weighed.map(settingText);
}

function unusedLine({ unused }: Report): readonly Line[] {
  if (unused === undefined) {
    return [];
  }
  const { calls, capabilities } = unused;
  const held = capabilities.length === 0 ? "" : ` and ${capabilities.join(" ")}`;
  return [cutEntry("Unused", `${plural(calls.length, "system call")}${held}, allowed and never used`)];
}
