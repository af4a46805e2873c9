/** Completion for bash, without the package bash-completion. Facts: bash(1), "Programmable Completion". */
import type { WordKind } from "../verb.ts";
import { LIST_UNITS, quoted, type VerbEntry, type WordTree, wordsOf } from "./tree.ts";

/**
 * Candidates are compared here instead of by `compgen -W`, which would expand them. bash cuts `--out=x` into three words.
 */
const HEAD = `# bash completion for cloison(1), made by "cloison completion bash".

_cloison_words() {
  local each
  for each; do
    if [[ $each == "$word"* ]]; then COMPREPLY+=("$each"); fi
  done
}

_cloison_units() {
  local name rest
  while read -r name rest; do _cloison_words "$name"; done < <(${LIST_UNITS})
}

_cloison_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$word")
}

_cloison() {
  local word=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD - 1]} verb
  COMPREPLY=()
  if [[ $option == "=" ]]; then option=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [[ $word == "=" ]]; then word=""; fi
`;

function completes(kinds: readonly WordKind[]): string {
  const words = wordsOf(kinds);
  const commands = [
    ...(words.length === 0 ? [] : [`_cloison_words ${words.map(quoted).join(" ")}`]),
    ...(kinds.includes("unit") ? ["_cloison_units"] : []),
    ...(kinds.includes("file") ? ["_cloison_paths -f"] : []),
    ...(kinds.includes("directory") ? ["_cloison_paths -d"] : []),
  ];
  return commands.length === 0 ? ":" : commands.join("; ");
}

function caseOf(verb: VerbEntry): readonly string[] {
  const values = verb.options.filter(({ value }) => value !== undefined);
  const flags = verb.options.map(({ name }) => `--${name}`);
  return [
    `    ${quoted(verb.path.join(" "))})`,
    "      case $option in",
    ...values.map((option) => `        --${option.name}) ${completes(option.completes)}; return ;;`),
    "      esac",
    `      if [[ $word == -* ]]; then _cloison_words ${flags.join(" ")}; return; fi`,
    `      ${completes(verb.completes)} ;;`,
  ];
}

/** The script. */
export function bashCompletion({ groups, verbs }: WordTree): string {
  const [top, ...below] = groups;
  const names = (group: typeof top): string => (group?.words ?? []).map(({ name }) => name).join(" ");
  return [
    HEAD.trimEnd(),
    `  if (( COMP_CWORD == 1 )); then _cloison_words ${names(top)} --help --version; return; fi`,
    `  verb=\${COMP_WORDS[1]}`,
    "  case $verb in",
    ...below.flatMap((group) => [
      `    ${group.path.join(" ")})`,
      `      if (( COMP_CWORD == 2 )); then _cloison_words ${names(group)} --help; return; fi`,
      `      verb="$verb \${COMP_WORDS[2]}" ;;`,
    ]),
    "  esac",
    "  case $verb in",
    ...verbs.flatMap(caseOf),
    "  esac",
    "}",
    "",
    "complete -F _cloison cloison",
    "",
  ].join("\n");
}
