/** All that shells can complete, as plain data: each verb with its options and what its words can be. */
import { optionsOf } from "../arguments.ts";
import type { OptionSpec, Verb, VerbGroup, WordKind } from "../verb.ts";

/** An option for a shell. */
export interface OptionEntry {
  readonly name: string;
  readonly short: string | undefined;
  readonly help: string;
  /** What stands for its value; undefined for a flag. */
  readonly value: string | undefined;
  readonly completes: readonly WordKind[];
  readonly multiple: boolean;
}

/** A verb for a shell; `path` are the words that lead to it: `["seccomp", "compile"]`. */
export interface VerbEntry {
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionEntry[];
  readonly completes: readonly WordKind[];
}

/** A word that other words follow. */
export interface GroupEntry {
  readonly path: readonly string[];
  readonly words: readonly { readonly name: string; readonly summary: string }[];
}

/** What follows `cloison`. */
export interface WordTree {
  readonly groups: readonly GroupEntry[];
  readonly verbs: readonly VerbEntry[];
}

/** What a value is, by the word that stands for it in the help text. */
const VALUES: Readonly<Record<string, readonly WordKind[]>> = {
  FILE: ["file"],
  OBSERVATION: ["file"],
  PATH: ["file"],
  CMD: ["file"],
  DIR: ["directory"],
  UNIT: ["unit"],
};

function optionEntry(name: string, { type, short, help, value, choices, multiple }: OptionSpec): OptionEntry {
  const words: readonly WordKind[] = choices === undefined ? (VALUES[value ?? ""] ?? []) : [{ words: choices }];
  return {
    name,
    short,
    help,
    value: type === "string" ? (value ?? "VALUE") : undefined,
    completes: type === "string" ? words : [],
    multiple: multiple === true,
  };
}

function verbEntry(verb: Verb, above: readonly string[]): VerbEntry {
  return {
    path: [...above, verb.name],
    summary: verb.summary,
    options: Object.entries(optionsOf(verb)).map(([name, spec]) => optionEntry(name, spec)),
    completes: verb.operands.completes,
  };
}

/** Reads the verbs. */
export function treeOf(verbs: readonly (Verb | VerbGroup)[]): WordTree {
  const groups = verbs.filter((each) => "verbs" in each);
  const names = verbs.map(({ name, summary }) => ({ name, summary }));
  return {
    groups: [{ path: [], words: names }, ...groups.map((each) => ({ path: [each.name], words: each.verbs }))],
    verbs: verbs.flatMap((each) =>
      "verbs" in each ? each.verbs.map((verb) => verbEntry(verb, [each.name])) : [verbEntry(each, [])],
    ),
  };
}

/** The words among what can be completed. */
export function wordsOf(kinds: readonly WordKind[]): readonly string[] {
  return kinds.flatMap((kind) => (typeof kind === "string" ? [] : kind.words));
}

/** A text that a POSIX shell, zsh included, takes for one word. */
export function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Prints one service unit a line, the installed ones and those that run; systemctl's names hold no blank. */
export const LIST_UNITS: string = "systemctl --no-legend --no-pager --plain --type=service list-unit-files 2>/dev/null";
