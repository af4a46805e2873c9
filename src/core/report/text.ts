/** The report for a terminal: at most 100 columns, the change first, then what did not hold, then everything else. */

import type { GoalResult } from "../verdict/goals.ts";
import type { RunVerdict } from "../verdict/overall.ts";
import type { ProbeResult } from "../verdict/result.ts";
import { type GoalRow, goalRows } from "./goals.ts";
import { comparedWithInstalled } from "./installed.ts";
import { type Line, type Piece, piece, plainText, type Tone, wrap } from "./lines.ts";
import { notBuiltParts, settingText } from "./not-built.ts";
import { ownUserText } from "./own-user-text.ts";
import { provenanceRows } from "./provenance.ts";
import type { DirectiveLine, Report } from "./report.ts";
import {
  type AttackResults,
  attacksOf,
  ENDINGS,
  type Ending,
  endingOf,
  exposureWord,
  headline,
  laterCount,
  laterText,
  plural,
  reasonsOf,
  stoppedBefore,
  throughAfter,
  throughBefore,
  VERDICTS,
} from "./summary.ts";

const WIDTH = 100;

/** The whole report as lines. `plainText` makes a string of them, the command line paints them. */
export function reportLines(report: Report): readonly Line[] {
  const attacks = attacksOf(report.probes);
  return [
    ...opening(report),
    [],
    ...changeLines(report, attacks),
    ...goalLines(report.goals, report.probes),
    ...ownUserLines(report),
    ...unusedLines(report),
    ...attackLines(attacks),
    ...dropInLines(report.directives),
    ...section(
      "Doors",
      "left open because the service needs them",
      report.doors.flatMap((door) => item(`${door.directive}=${door.value}`, door.needs)),
    ),
    ...notBuiltSection(report),
    ...section(
      "Not enforced",
      "wanted, but this systemd would ignore it",
      report.notEnforced.flatMap(({ name, reason }) => item(name, reason)),
    ),
    ...section(
      "Not applicable",
      "attacks that have no target on this machine",
      report.notApplicable.flatMap(({ id, reason }) => item(id, reason)),
    ),
    ...section("Compared with what is installed", exposureNow(report), comparedWithInstalled(report).flatMap(bullet)),
    ...section(
      "Flaky",
      "failed once and passed once, with the same walls: nothing is decided",
      (report.flaky ?? []).flatMap(bullet),
    ),
    ...section("Not known", "nothing follows from its absence", (report.notKnown ?? []).flatMap(bullet)),
    ...section("Warnings", "", report.warnings.flatMap(bullet)),
    ...section(
      "Where this comes from",
      "",
      (report.made === undefined ? [] : provenanceRows(report.made)).flatMap(([name, text]) => item(name, text)),
    ),
  ];
}

/** The report as plain text: `reportLines` without tones. */
export function reportText(report: Report): string {
  return plainText(reportLines(report));
}

/** Whose verdict it is, and what it came to: the first line of every result, and with --quiet the only one. */
export function verdictLines(unit: string, verdict: RunVerdict, sentence: string): readonly Line[] {
  const { word, tone } = VERDICTS[verdict];
  const head = [piece(unit, "strong"), piece("  "), piece(word.toUpperCase(), tone), piece("  ")];
  return wrap([...head, piece(sentence)], { first: 0, rest: 2, width: WIDTH });
}

function opening(report: Report): readonly Line[] {
  const where = `level ${report.level}, systemd ${report.systemd}, Linux ${report.kernel}`;
  return [
    ...verdictLines(report.unit, report.verdict, ""),
    ...wrap([piece(where, "quiet")], { first: 0, rest: 0, width: WIDTH }),
    [],
    ...wrap([piece(headline(report))], { first: 0, rest: 0, width: WIDTH }),
  ];
}

/** The figures before and after, a line each. */
export function changeLines(report: Report, attacks: readonly AttackResults[]): readonly Line[] {
  const { exposure, syscalls, capabilities, writable, workload, namespaces } = report;
  const before = throughBefore(attacks);
  const later = laterCount(attacks);
  const word = (value: number): string => `${value.toFixed(1)} ${exposureWord(value)}`;
  const rows: readonly (readonly [string, string, string])[] = [
    ["exposure", word(exposure.before), word(exposure.after)],
    ["attacks that pass", before === undefined ? "not tried" : String(before), String(throughAfter(attacks))],
    ...(later === undefined
      ? []
      : ([
          ["  after a month", "not tried", laterText(later)],
          ["  started anew", "not tried", String(later.anew)],
        ] as const)),
    ["system calls", String(syscalls.before), String(syscalls.after)],
    ["capabilities", String(capabilities.before.length), String(capabilities.after.length)],
    ["writable places", places(writable.before), places(writable.after)],
    ["own namespaces", `${namespaces.before.length} of 8`, `${namespaces.after.length} of 8`],
    ["workload", workload.before, workload.after],
  ];
  return [
    [piece(`${"".padEnd(22)}${"before".padEnd(18)}after`, "quiet")],
    ...rows.map(
      ([name, was, is]): Line => [piece(`  ${name.padEnd(20)}`), piece(was.padEnd(18), "quiet"), piece(is, "strong")],
    ),
  ];
}

function places(paths: readonly string[]): string {
  return paths.includes("/") ? "everywhere" : String(paths.length);
}

const MARK: Readonly<Record<Ending, readonly [string, Tone, string, string]>> = {
  violated: ["✗", "bad", "Violated", "a wall that should stop it does not"],
  unknown: ["?", "warn", "Not decided", "so nothing is claimed"],
  open: ["○", "warn", "Open", "it passes, and the model said so"],
  stopped: ["✓", "good", "Stopped", "by the wall named on the right"],
};

const GOAL_MARK: Readonly<Record<GoalRow["state"], readonly [string, Tone]>> = {
  open: ["○", "bad"],
  unknown: ["?", "warn"],
  closed: ["✓", "good"],
  untried: ["·", "quiet"],
};

/** What an intruder wants, and whether it can be had. */
export function goalLines(goals: readonly GoalResult[], probes: readonly ProbeResult[]): readonly Line[] {
  const rows = goalRows(goals, probes).flatMap(({ title, state, how }) => {
    const [mark, tone] = GOAL_MARK[state];
    const gap = " ".repeat(Math.max(58 - title.length, 2));
    const pieces = [
      piece(`${mark} `, tone),
      piece(title, state === "open" ? "strong" : undefined),
      piece(gap),
      piece(how, "quiet"),
    ];
    return wrap(pieces, { first: 2, rest: 62, width: WIDTH });
  });
  return section("An intruder in it could", "by all ways that were tried, and from where these lead", rows);
}

/** The attacks, grouped by ending, worst first; evidence is shown for those that were not simply stopped. */
export function attackLines(attacks: readonly AttackResults[]): readonly Line[] {
  return ENDINGS.flatMap((ending) => {
    const group = attacks.filter((attack) => attack.ending === ending);
    const [, , title, note] = MARK[ending];
    if (ending === "stopped") {
      return stoppedLines(group);
    }
    return section(`${title} (${group.length})`, note, group.flatMap(attackDetail));
  });
}

/** What the new walls stop apart from what the unit stopped as it was: only the former is gained. */
function stoppedLines(group: readonly AttackResults[]): readonly Line[] {
  const already = group.filter((attack) => stoppedBefore(attack) !== undefined);
  const others = group.filter((attack) => !already.includes(attack));
  const [, , title, note] = MARK.stopped;
  return [
    ...section(
      `${title} (${others.length})`,
      note,
      others.flatMap((attack) => stoppedLine(attack, reasonsOf(attack))),
    ),
    ...section(
      `Stopped before, too (${already.length})`,
      "by the wall that the unit had",
      already.flatMap((attack) => stoppedLine(attack, stoppedBefore(attack) ?? "")),
    ),
  ];
}

function stoppedLine(attack: AttackResults, reason: string): readonly Line[] {
  const [mark, tone] = MARK.stopped;
  const gap = " ".repeat(Math.max(50 - attack.title.length, 2));
  const pieces = [piece(`${mark} `, tone), piece(attack.title), piece(gap), piece(reason, "quiet")];
  return wrap(pieces, { first: 2, rest: 54, width: WIDTH });
}

function attackDetail(attack: AttackResults): readonly Line[] {
  const [mark, tone] = MARK[attack.ending];
  const head = wrap([piece(`${mark} `, tone), piece(attack.title, "strong")], { first: 2, rest: 4, width: WIDTH });
  const results = attack.results.flatMap((result) => {
    const [own, ownTone] = MARK[endingOf(result)];
    const identity = [piece(`${own} `, ownTone), piece(`as ${result.identity}: `), piece(result.reason)];
    const evidence = result.evidence.split("\n").filter((line) => line !== "");
    return [
      ...wrap(identity, { first: 4, rest: 6, width: WIDTH }),
      ...evidence.flatMap((line) => wrap([piece(line, "quiet")], { first: 6, rest: 8, width: WIDTH })),
    ];
  });
  return [...head, ...results];
}

function ownUserLines({ ownUser }: Report): readonly Line[] {
  if (ownUser === undefined) {
    return [];
  }
  const { sentence, rows } = ownUserText(ownUser);
  const first = wrap([piece(sentence)], { first: 2, rest: 2, width: WIDTH });
  return section("A user of its own", "", [...first, ...rows.flatMap(([head, body]) => item(head, body))]);
}

function unusedLines({ unused }: Report): readonly Line[] {
  if (unused === undefined) {
    return [];
  }
  const { calls, capabilities } = unused;
  const named = (names: readonly string[]): readonly Line[] =>
    names.length === 0 ? [] : wrap([piece(names.join(" "), "quiet")], { first: 2, rest: 2, width: WIDTH });
  return section(
    "Granted, never used",
    `${plural(calls.length, "system call")}, ${capabilities.length === 0 ? "no capability" : plural(capabilities.length, "capability", "capabilities")}`,
    [...named(calls), ...named(capabilities)],
  );
}

function dropInLines(directives: readonly DirectiveLine[]): readonly Line[] {
  const lines = directives.flatMap(({ name, value, reason, blocks }) => {
    const stops = blocks === undefined || blocks.length === 0 ? [] : [piece(` [stops ${blocks.join(", ")}]`, "quiet")];
    const setting: readonly Piece[] = [piece(`${name}=`, "strong"), piece(value)];
    return [
      ...wrap(setting, { first: 2, rest: 6, width: WIDTH }),
      ...wrap([piece(reason, "quiet"), ...stops], { first: 6, rest: 6, width: WIDTH }),
    ];
  });
  return section(`Drop-in (${directives.length})`, "each line with its reason", lines);
}

/** Why nothing more is in the drop-in. */
function notBuiltSection({ notBuilt = [] }: Report): readonly Line[] {
  const { weighed, never } = notBuiltParts(notBuilt);
  return [
    ...section(
      `Not built (${weighed.length})`,
      "why it is not in the drop-in",
      weighed.flatMap((line) => item(settingText(line), line.reason)),
    ),
    ...section(
      `Never written (${never.length})`,
      "whatever the service: cloison explain DIRECTIVE says why",
      never.length === 0 ? [] : wrap([piece(never.join(" "), "quiet")], { first: 2, rest: 2, width: WIDTH }),
    ),
  ];
}

function section(title: string, note: string, lines: readonly Line[]): readonly Line[] {
  return lines.length === 0
    ? []
    : [[], [piece(title, "strong"), piece(note === "" ? "" : `  ${note}`, "quiet")], ...lines];
}

function item(head: string, body: string): readonly Line[] {
  return [
    ...wrap([piece(head)], { first: 2, rest: 6, width: WIDTH }),
    ...wrap([piece(body, "quiet")], { first: 6, rest: 6, width: WIDTH }),
  ];
}

function bullet(text: string): readonly Line[] {
  return wrap([piece("· ", "warn"), piece(text)], { first: 2, rest: 4, width: WIDTH });
}

function exposureNow({ installed }: Report): string {
  return installed === undefined ? "" : `exposure with it ${installed.exposure.toFixed(1)}`;
}
