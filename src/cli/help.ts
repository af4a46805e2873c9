/** The help texts: of the whole, of a group of verbs, of a verb. */
import { optionsOf } from "./arguments.ts";
import type { OptionSpec, Verb, VerbGroup } from "./verb.ts";

/** What Cloison is, in one sentence; as the package says it, too. */
export const purpose: string =
  "Shows how a Linux service is walled off, builds the missing walls through systemd, and proves that they hold.";

/** What the exit STATUSES mean. */
export const STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [0, "it holds"],
  [1, "findings"],
  [2, "bad input"],
  [3, "could not be decided or done"],
  [130, "interrupted"],
];

function rows(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** What `cloison --help` prints. */
export function overview(verbs: readonly (Verb | VerbGroup)[]): string {
  return [
    purpose,
    "",
    "usage: cloison VERB [options] TARGET",
    "",
    ...rows(verbs.map(({ name, summary }) => [name, summary])),
    "",
    "cloison VERB --help tells more. Results go to stdout, progress to stderr; --json prints the result as JSON.",
    `Exit status: ${STATUSES.map(([status, meaning]) => `${status} ${meaning}`).join(", ")}.`,
  ].join("\n");
}

/** An option as it is written: `--out DIR`, `--help, -h`. */
export function optionText(name: string, { type, value, short, bare }: OptionSpec): string {
  if (bare === true) {
    return `--${name}[=${value ?? "VALUE"}]`;
  }
  const letter = short === undefined ? "" : `, -${short}`;
  return `--${name}${type === "string" ? ` ${value ?? "VALUE"}` : letter}`;
}

/** What an option does, with its choices. */
export function optionHelp({ help, choices, multiple }: OptionSpec): string {
  const values = choices === undefined ? "" : ` (${choices.join(", ")})`;
  return `${help}${values}${multiple === true ? "; may be repeated" : ""}`;
}

/** The help text of a verb. */
export function helpOf(verb: Verb): string {
  return [
    verb.summary,
    "",
    `usage: cloison ${verb.name} ${verb.usage}`,
    "",
    ...rows(
      Object.entries(optionsOf(verb)).map(([name, spec]) => [
        optionText(name, spec),
        name === "json" ? `${spec.help}: ${verb.schemas.join(" or ")}` : optionHelp(spec),
      ]),
    ),
    "",
    "examples:",
    ...verb.examples.map((example) => `  ${example}`),
  ].join("\n");
}

/** The help text of a group: its verbs. */
export function helpOfGroup({ name, summary, verbs }: VerbGroup): string {
  return [
    summary,
    "",
    `usage: cloison ${name} VERB [options]`,
    "",
    ...rows(verbs.map((verb) => [verb.name, verb.summary])),
    "",
    `cloison ${name} VERB --help tells more.`,
  ].join("\n");
}
