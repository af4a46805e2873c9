/** Completion for zsh. Facts: zshcompsys(1), `_arguments` and `_describe`. */
import type { WordKind } from "../verb.ts";
import {
  type GroupEntry,
  LIST_UNITS,
  type OptionEntry,
  quoted,
  type VerbEntry,
  type WordTree,
  wordsOf,
} from "./tree.ts";

const HEAD = `#compdef cloison
# zsh completion for cloison(1), made by "cloison completion zsh".

_cloison_units() {
  local -a units
  units=(\${\${(f)"$(${LIST_UNITS})"}%% *})
  _wanted units expl "service unit" compadd -a units
}

_cloison() {
  local verb
  local -a names
`;

/** Inside a specification a colon ends a part, and a bracket the help. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, (character) => `\\${character}`);
}

/** What follows the second colon of a specification. A blank before a command keeps _arguments from adding words of its own. */
function action(kinds: readonly WordKind[]): string {
  const words = wordsOf(kinds);
  const parts = [
    ...(words.length === 0 ? [] : [`words:word:(${words.join(" ")})`]),
    ...(kinds.includes("unit") ? ["units:unit:_cloison_units"] : []),
    ...(kinds.includes("file") ? ["files:file:_files"] : []),
    ...(kinds.includes("directory") ? ["directories:directory:_files -/"] : []),
  ];
  if (parts.length === 0) {
    return " ";
  }
  const [only = ""] = parts;
  return parts.length === 1
    ? only.replace(/^\w+:\w+:/, "")
    : ` _alternative ${parts.map((part) => `"${part}"`).join(" ")}`;
}

function optionSpec({ name, short, help, value, completes, multiple }: OptionEntry): readonly string[] {
  const star = multiple ? "*" : "";
  const rest = `[${escaped(help)}]`;
  if (value !== undefined) {
    return [`${star}--${name}${rest}:${escaped(value)}:${action(completes)}`];
  }
  return [`${star}--${name}${rest}`, ...(short === undefined ? [] : [`-${short}${rest}`])];
}

function caseOf({ path, options, completes }: VerbEntry): readonly string[] {
  const specs = [...options.flatMap(optionSpec), ...(completes.length === 0 ? [] : [`*:word:${action(completes)}`])];
  return [
    `    ${quoted(path.join(" "))})`,
    `      _arguments ${specs.map((spec) => `\\\n        ${quoted(spec)}`).join(" ")} ;;`,
  ];
}

function describe({ words }: GroupEntry): string {
  const pairs = words.map(({ name, summary }) => quoted(`${name}:${escaped(summary)}`));
  return `names=(${pairs.join(" ")}); _describe -t verbs verb names; return`;
}

/** The script. */
export function zshCompletion({ groups, verbs }: WordTree): string {
  const [top, ...below] = groups;
  return [
    HEAD.trimEnd(),
    ...(top === undefined ? [] : [`  if (( CURRENT == 2 )); then ${describe(top)}; fi`]),
    "  verb=$words[2]",
    "  case $verb in",
    ...below.flatMap((group) => [
      `    ${group.path.join(" ")})`,
      `      if (( CURRENT == 3 )); then ${describe(group)}; fi`,
      '      verb="$verb $words[3]"; shift words; (( CURRENT-- )) ;;',
    ]),
    "  esac",
    "  shift words; (( CURRENT-- ))",
    "  case $verb in",
    ...verbs.flatMap(caseOf),
    "  esac",
    "}",
    "",
    // Sourced, the file only defines; from a directory of fpath it is the function itself.
    'if [[ $funcstack[1] == _cloison ]]; then _cloison "$@"; else compdef _cloison cloison; fi',
    "",
  ].join("\n");
}
