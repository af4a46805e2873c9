/** From the words of a command line to a verb's Arguments, and to its help; on node:util.parseArgs. */
import { parseArgs } from "node:util";
import { inputError } from "../core/diagnostic/input-error.ts";
import type { Arguments, OptionSpec, Verb, VerbGroup } from "./verb.ts";

/** Options that every verb has. */
export const commonOptions: { readonly [name: string]: OptionSpec } = {
  json: { type: "boolean", help: "print the result as JSON on stdout" },
  help: { type: "boolean", help: "print this help" },
};

/** Parses the words after the verb. Throws InputError naming the option or operand that is wrong. */
export function parseArguments(verb: Verb, all: readonly string[]): Arguments {
  const specs = { ...verb.options, ...commonOptions };
  const end = verb.command === true ? all.indexOf("--") : -1;
  const [words, command] = end < 0 ? [all, undefined] : [all.slice(0, end), all.slice(end + 1)];
  const parsed = parseWords(verb, specs, words);
  for (const [name, value] of Object.entries(parsed.values)) {
    checkChoice(verb, name, specs[name], value);
  }
  const values = (name: string): readonly string[] => {
    const value = parsed.values[name];
    return value === undefined ? [] : [value].flat().map(String);
  };
  const operands = parsed.positionals;
  if (!values("help").includes("true") && command === undefined) {
    checkOperands(verb, operands);
  }
  return {
    operands,
    flag: (name) => parsed.values[name] === true,
    one: (name) => values(name).at(-1),
    many: values,
    command,
  };
}

function parseWords(
  verb: Verb,
  specs: { readonly [name: string]: OptionSpec },
  words: readonly string[],
): ReturnType<typeof parseArgs> {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple }]) => [name, { type, multiple: multiple ?? false }]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true, tokens: true });
  } catch (error) {
    throw misused(verb, specs, words, error);
  }
  checkRepetition(verb, specs, parsed.tokens ?? []);
  return parsed;
}

/** Of two values of an option that has one, neither is better than the other. A flag that is set twice is set. */
function checkRepetition(
  verb: Verb,
  specs: { readonly [name: string]: OptionSpec },
  tokens: NonNullable<ReturnType<typeof parseArgs>["tokens"]>,
): void {
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = specs[token.name];
    if (seen.has(token.name) && spec?.type === "string" && spec.multiple !== true) {
      throw inputError("usage", `--${token.name} is given twice`, `once; see cloison ${verb.name} --help`);
    }
    seen.add(token.name);
  }
}

/** Node's complaints (`ERR_PARSE_ARGS_*`) in our words: which option, and the way out. */
function misused(
  verb: Verb,
  specs: { readonly [name: string]: OptionSpec },
  words: readonly string[],
  error: unknown,
): Error {
  const said = error instanceof Error ? error.message : String(error);
  const option = /'(?:-\w, )?(-[^'\s]*)/.exec(said)?.[1] ?? words.find((word) => word.startsWith("-")) ?? "";
  const name = option.replace(/^--?/, "");
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  const help = `see cloison ${verb.name} --help`;
  if (spec === undefined) {
    const meant = option.startsWith("--") ? nearest(name, Object.keys(specs)) : undefined;
    const way = meant === undefined ? help : `did you mean --${meant}?`;
    return inputError("usage", `${verb.name}: there is no option ${option}`, way);
  }
  return spec.type === "boolean"
    ? inputError("usage", `--${name} takes no value`, help)
    : inputError(
        "usage",
        `--${name}: its value is missing`,
        `--${name} ${spec.value ?? "VALUE"}; one that begins with - is written --${name}=-…`,
      );
}

function checkChoice(verb: Verb, name: string, spec: OptionSpec | undefined, value: unknown): void {
  const { choices } = spec ?? {};
  for (const given of [value].flat()) {
    if (choices !== undefined && !choices.includes(String(given))) {
      const message = `--${name} does not know '${given}'`;
      throw inputError("usage", message, `one of ${choices.join(", ")}; see cloison ${verb.name} --help`);
    }
  }
}

function checkOperands({ name, usage, operands }: Verb, given: readonly string[]): void {
  if (given.length >= operands.min && given.length <= operands.max) {
    return;
  }
  const message =
    given.length < operands.min ? `${name}: something is missing` : `${name}: '${given[operands.max]}' is one too many`;
  throw inputError("usage", message, `usage: cloison ${name} ${usage}`);
}

/** The help text of a verb. */
export function helpOf(verb: Verb): string {
  const rows = Object.entries({ ...verb.options, ...commonOptions }).map(
    ([name, spec]) =>
      [`--${name}${spec.type === "string" ? ` ${spec.value ?? "VALUE"}` : ""}`, describe(spec)] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `${verb.summary}`,
    "",
    `usage: cloison ${verb.name} ${verb.usage}`,
    "",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    "",
    "examples:",
    ...verb.examples.map((example) => `  ${example}`),
  ].join("\n");
}

/** The help text of a group: its verbs. */
export function helpOfGroup({ name, summary, verbs }: VerbGroup): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  return [
    summary,
    "",
    `usage: cloison ${name} VERB [options]`,
    "",
    ...verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`),
    "",
    `cloison ${name} VERB --help tells more.`,
  ].join("\n");
}

function describe({ help, choices, multiple }: OptionSpec): string {
  const values = choices === undefined ? "" : ` (${choices.join(", ")})`;
  return `${help}${values}${multiple === true ? "; may be repeated" : ""}`;
}

/** The verb among these that a mistyped word was most likely meant to be: the fewest letters to change, at most two. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names.map((name) => ({ name, distance: editDistance(word, name) }));
  const best = ranked.sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= 2 ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const change = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(change, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? b.length;
}
