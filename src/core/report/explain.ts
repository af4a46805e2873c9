/** `explain`: one directive for a person, from the file that alone knows it. */
import type { AnyDirective } from "../directives/directive.ts";
import { type Line, piece, wrap } from "./lines.ts";

/** What the caller knows beside the directive. */
export interface Extras {
  /** What each value stops, as titles of attacks; derived by `judge`. Values that stop nothing are left out. */
  readonly stops: readonly { readonly value: string; readonly attacks: readonly string[] }[];
  /** Version of the systemd at hand, to say whether it knows the directive. */
  readonly systemd?: number;
}

const WIDTH = 100;

/** The explanation as lines: what it does, since when, its values, what it breaks, what makes it ineffective, what it stops. */
export function explainDirective(directive: AnyDirective, extras: Extras): readonly Line[] {
  const { name, group, summary, breaks, ineffective, samples } = directive;
  return [
    [piece(`${name}=`, "strong"), piece(`  ${group}`, "quiet")],
    ...paragraph(summary, 0),
    [],
    ...entry("Since", sinceText(directive, extras.systemd)),
    ...entry("Values", samples.map((sample) => (sample === "" ? "(empty)" : sample)).join(" | ")),
    ...entry("Breaks", breaks),
    ...ineffective.flatMap((reason, index) => entry(index === 0 ? "Ineffective" : "", reason)),
    ...stopLines(name, extras),
  ];
}

function sinceText({ since }: AnyDirective, systemd: number | undefined): string {
  const version = `systemd ${since}`;
  return systemd !== undefined && systemd < since ? `${version}; this machine has ${systemd} and ignores it` : version;
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

function entry(label: string, text: string): readonly Line[] {
  const pieces = [piece(label.padEnd(13), "quiet"), piece(text)];
  return wrap(pieces, { first: 0, rest: 13, width: WIDTH });
}

function paragraph(text: string, indent: number): readonly Line[] {
  return wrap([piece(text)], { first: indent, rest: indent, width: WIDTH });
}
