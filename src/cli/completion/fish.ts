/** Completion for fish. Facts: complete(1) and commandline(1) of fish 4.0. */
import type { WordKind } from "../verb.ts";
import { type GroupEntry, LIST_UNITS, type OptionEntry, type VerbEntry, type WordTree, wordsOf } from "./tree.ts";

const HEAD = `# fish completion for cloison(1), made by "cloison completion fish".

function __cloison_at
    set -l words (commandline -opc)[2..]
    test "$words" = "$argv"
end

function __cloison_after
    set -l words (commandline -opc)[2..]
    set -l length (count $argv)
    test (count $words) -ge $length; and test "$words[1..$length]" = "$argv"
end

function __cloison_units
    ${LIST_UNITS} | string replace -r ' .*' ''
end

complete -c cloison -f`;

/** In single quotes fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}

/** Arguments of `complete` that offer these kinds; none where nothing is known. */
function offers(kinds: readonly WordKind[]): readonly string[] {
  const words = wordsOf(kinds);
  return [
    ...(words.length === 0 ? [] : [`-a ${quoted(words.join(" "))}`]),
    ...(kinds.includes("unit") ? ["-a '(__cloison_units)'"] : []),
    ...(kinds.includes("directory") ? ["-a '(__fish_complete_directories)'"] : []),
    ...(kinds.includes("file") ? ["-F"] : []),
  ];
}

function optionLine(where: string, { name, short, help, value, completes }: OptionEntry): string {
  const letter = short === undefined ? "" : ` -s ${short}`;
  const takes = value === undefined ? [] : [completes.includes("file") ? "-r" : "-x", ...offers(completes)];
  return [`complete -c cloison -n ${where} -l ${name}${letter}`, ...takes, `-d ${quoted(help)}`].join(" ");
}

function verbLines({ path, options, completes }: VerbEntry): readonly string[] {
  const where = quoted(`__cloison_after ${path.join(" ")}`);
  return [
    ...options.map((option) => optionLine(where, option)),
    ...offers(completes).map((offer) => `complete -c cloison -n ${where} ${offer}`),
  ];
}

function groupLines({ path, words }: GroupEntry): readonly string[] {
  const where = quoted(["__cloison_at", ...path].join(" "));
  return words.map(({ name, summary }) => `complete -c cloison -n ${where} -a ${name} -d ${quoted(summary)}`);
}

/** The script. */
export function fishCompletion({ groups, verbs }: WordTree): string {
  return `${[HEAD, ...groups.flatMap(groupLines), ...verbs.flatMap(verbLines)].join("\n")}\n`;
}
