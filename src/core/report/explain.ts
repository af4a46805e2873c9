/** `explain`: one directive or one attack for a person, from the file that alone knows it; and what there is to explain. */
import type { AnyDirective } from "../directives/directive.ts";
import { samplesOf } from "../directives/samples.ts";
import { powers } from "../powers/catalogue.ts";
import { GOALS } from "../probes/goals.ts";
import type { Probe } from "../probes/probe.ts";
import { type Line, piece, wrap } from "./lines.ts";

/** What the caller knows beside the directive. */
export interface Extras {
  /** What each value stops, as titles of attacks; derived by `judge`. Values that stop nothing are left out. */
  readonly stops: readonly { readonly value: string; readonly attacks: readonly string[] }[];
  /** Version of the systemd at hand, to say whether it knows the directive. */
  readonly systemd?: number;
}

const WIDTH = 100;

/**
 * The explanation as lines: what it does, since when, its values and what they bring along, what it breaks and broke, what
 * makes it ineffective, what it stops.
 */
export function explainDirective(directive: AnyDirective, extras: Extras): readonly Line[] {
  const { name, group, summary, breaks, ineffective, samples, weight, kernel, ladder, broke = [] } = directive;
  return [
    [piece(`${name}=`, "strong"), piece(`  ${group}`, "quiet")],
    ...paragraph(summary, 0),
    [],
    ...(directive.section === undefined ? [] : entry("Section", `[${directive.section}]`)),
    ...entry("Since", sinceText(directive, extras.systemd)),
    ...(kernel === undefined ? [] : entry("Kernel", `Linux ${kernel}`)),
    ...entry("Values", samples.map(shown).join(" | ")),
    ...entries("Implies", impliedTexts(directive)),
    ...(weight === undefined ? [] : entry("Weight", `${weight} in the score of systemd-analyze security`)),
    ...entry("Breaks", breaks),
    ...entries(
      "Broke",
      broke.map(({ sentence, reference }) => `${sentence} (${reference})`),
    ),
    ...entries("Ineffective", ineffective),
    ...(typeof ladder === "function" ? [] : entry("Not written", ladder.never)),
    ...stopLines(name, extras),
  ];
}

function sinceText(directive: AnyDirective, systemd: number | undefined): string {
  const { since } = directive;
  const version = `systemd ${since}`;
  if (systemd !== undefined && systemd < since) {
    return `${version}; systemd ${systemd} ignores it`;
  }
  const later = samplesOf(directive).filter((sample) => sample.since > since);
  return [version, ...later.map((sample) => `${shown(sample.value)} since ${sample.since}`)].join("; ");
}

/** What values bring along; each set of lines once, with the values that bring it where others do not. */
function impliedTexts(directive: AnyDirective): readonly string[] {
  const samples = samplesOf(directive);
  const sets = new Map<string, string[]>();
  for (const { value, implies } of samples) {
    if (implies.length > 0) {
      const text = implies.join(", ");
      sets.set(text, [...(sets.get(text) ?? []), shown(value)]);
    }
  }
  return [...sets].map(([text, values]) =>
    values.length === samples.length ? text : `${text} (with ${values.join(", ")})`,
  );
}

function shown(value: string): string {
  return value === "" ? "(empty)" : value;
}

function stopLines(name: string, { stops }: Extras): readonly Line[] {
  if (stops.length === 0) {
    return [
      [],
      ...paragraph("It stops none of the attacks that Cloison tries, taken alone on a service that runs as root.", 0),
    ];
  }
  return [
    [],
    [piece("Stops, taken alone on a service that runs as root", "strong")],
    ...stops.flatMap(({ value, attacks }) => [
      ...wrap([piece(`${name}=${value}`)], { first: 2, rest: 4, width: WIDTH }),
      ...attacks.flatMap((title) =>
        wrap([piece("✓ ", "good"), piece(title, "quiet")], { first: 4, rest: 6, width: WIDTH }),
      ),
    ]),
  ];
}

/** What the caller knows of an attack on an ordinary machine. */
export interface AttackExtras {
  /** Its steps, each as the call that is made. */
  readonly steps: readonly { readonly call: string; readonly optional: boolean }[];
  /** Which values of which directive stop it; derived by `judge`. */
  readonly stoppedBy: readonly { readonly directive: string; readonly values: readonly string[] }[];
}

/** An attack as lines: what it tries and gains, its steps as calls, what stops it. */
export function explainAttack({ id, title, gain, goals }: Probe, { steps, stoppedBy }: AttackExtras): readonly Line[] {
  const wanted = GOALS.filter(({ goal }) => goals.includes(goal)).map((goal) => goal.title);
  const power = powers.find(({ ways }) => ways.some((way) => way.id === id));
  return [
    [piece(id, "strong"), piece("  attack", "quiet")],
    ...paragraph(`The intruder tries to ${title}. ${gain}`, 0),
    [],
    ...entry("Goals", wanted.join("; ")),
    ...(power === undefined ? [] : entry("Power", `Whoever gets through ${power.title}. ${power.follows}`)),
    [],
    [piece("Steps, on a machine as Debian sets one up", "strong")],
    ...steps.flatMap(({ call, optional }) =>
      wrap([piece(call), piece(optional ? "  may fail" : "", "quiet")], { first: 2, rest: 4, width: WIDTH }),
    ),
    [],
    ...(stoppedBy.length === 0
      ? paragraph("No directive that Cloison knows stops it, taken alone on a service that runs as root.", 0)
      : [[piece("Stopped by any of these, taken alone on a service that runs as root", "strong")]]),
    ...stoppedBy.flatMap(({ directive, values }) =>
      wrap([piece(`${directive}=`), piece(values.map(shown).join(" | "))], {
        first: 2,
        rest: 4,
        width: WIDTH,
      }),
    ),
  ];
}

/** All that can be explained: the directives of each group, and the attacks. */
export function explainable(directives: readonly AnyDirective[], attacks: readonly Probe[]): readonly Line[] {
  const groups = [...new Set(directives.map(({ group }) => group))];
  const width = Math.max(...attacks.map(({ id }) => id.length));
  return [
    [piece("Directives", "strong")],
    ...groups.flatMap((group) =>
      wrap(
        [
          piece(group.padEnd(12), "quiet"),
          piece(directives.flatMap(({ group: of, name }) => (of === group ? [name] : [])).join(", ")),
        ],
        { first: 2, rest: 14, width: WIDTH },
      ),
    ),
    [],
    [piece("Attacks", "strong")],
    ...attacks.flatMap(({ id, title }) =>
      wrap([piece(id.padEnd(width + 2)), piece(title, "quiet")], { first: 2, rest: width + 4, width: WIDTH }),
    ),
  ];
}

function entries(label: string, texts: readonly string[]): readonly Line[] {
  return texts.flatMap((text, index) => entry(index === 0 ? label : "", text));
}

function entry(label: string, text: string): readonly Line[] {
  const pieces = [piece(label.padEnd(13), "quiet"), piece(text)];
  return wrap(pieces, { first: 0, rest: 13, width: WIDTH });
}

function paragraph(text: string, indent: number): readonly Line[] {
  return wrap([piece(text)], { first: indent, rest: indent, width: WIDTH });
}
