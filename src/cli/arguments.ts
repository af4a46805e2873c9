/** From the words of a command line to a verb's Arguments; on node:util.parseArgs. */
import { parseArgs } from "node:util";
import { inputError } from "../core/diagnostic/input-error.ts";
import { didYouMean, nearest } from "../core/diagnostic/nearest.ts";
import type { Arguments, OptionSpec, Verb } from "./verb.ts";

type Options = Verb["options"];

/** Options that every verb has. */
const commonOptions: Options = {
  json: { type: "boolean", help: "print the result as JSON on stdout" },
  help: { type: "boolean", short: "h", help: "print this help" },
};

/** All options of a verb, its own first. */
export function optionsOf(verb: Verb): Options {
  return { ...verb.options, ...commonOptions };
}

/**
 * A command line as a result may keep it: the verb, its operands and its options, but for those whose value is a command.
 * A command may hold a password; where it counts, it is kept by itself.
 */
export function wordsOf(verb: Verb, given: Arguments): readonly string[] {
  const options = Object.entries(verb.options).flatMap(([name, { type, value, bare }]) => {
    if (value === "CMD") {
      return [];
    }
    if (type === "boolean") {
      return given.flag(name) ? [`--${name}`] : [];
    }
    if (bare === true) {
      return given.many(name).map((each) => (each === "" ? `--${name}` : `--${name}=${each}`));
    }
    return given.many(name).flatMap((each) => [`--${name}`, each]);
  });
  return [verb.name, ...given.operands, ...options];
}

/** Parses the words after the verb. Throws InputError naming the option or operand that is wrong. */
export function parseArguments(verb: Verb, all: readonly string[]): Arguments {
  const specs = optionsOf(verb);
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

function parseWords(verb: Verb, specs: Options, words: readonly string[]): ReturnType<typeof parseArgs> {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, multiple, short }]) => [
      name,
      { type, multiple: multiple ?? false, ...(short === undefined ? {} : { short }) },
    ]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: words.map((word) => withValue(specs, word)),
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    });
  } catch (error) {
    throw misused(verb, specs, words, error);
  }
  checkRepetition(verb, specs, parsed.tokens ?? []);
  return parsed;
}

/** An option that may stand without a value, and does, with an empty one. */
function withValue(specs: Options, word: string): string {
  const name = word.startsWith("--") ? word.slice(2) : "";
  return Object.hasOwn(specs, name) && specs[name]?.bare === true ? `${word}=` : word;
}

/** Of two values of an option that has one, neither is better than the other. A flag that is set twice is set. */
function checkRepetition(
  verb: Verb,
  specs: Options,
  tokens: NonNullable<ReturnType<typeof parseArgs>["tokens"]>,
): void {
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") {
      continue;
    }
    const spec = specs[token.name];
    if (seen.has(token.name) && spec?.type === "string" && spec.multiple !== true) {
      throw inputError("usage", `--${token.name} is given twice`, `give it once; see cloison ${verb.name} --help`);
    }
    seen.add(token.name);
  }
}

/** Node's complaints (`ERR_PARSE_ARGS_*`) in our words: which option, and the way out. */
function misused(verb: Verb, specs: Options, words: readonly string[], error: unknown): Error {
  const said = error instanceof Error ? error.message : String(error);
  const option = /'(?:-\w, )?(-[^'\s]*)/.exec(said)?.[1] ?? words.find((word) => word.startsWith("-")) ?? "";
  const name = option.replace(/^--?/, "");
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  const help = `see cloison ${verb.name} --help`;
  if (spec === undefined) {
    const long = Object.keys(specs).map((each) => `--${each}`);
    const way = option.startsWith("--") ? didYouMean(option, long, help) : help;
    return inputError("usage", `${verb.name}: there is no option ${option}`, way);
  }
  return spec.type === "boolean"
    ? inputError("usage", `--${name} takes no value`, help)
    : inputError(
        "usage",
        `--${name}: its value is missing`,
        `--${name} ${spec.value ?? "VALUE"}; if it begins with -, write --${name}=-…`,
      );
}

function checkChoice(verb: Verb, name: string, spec: OptionSpec | undefined, value: unknown): void {
  const { choices } = spec ?? {};
  for (const given of [value].flat()) {
    if (choices !== undefined && !choices.includes(String(given))) {
      const message = `--${name} does not know '${given}'`;
      const meant = nearest(String(given), choices);
      const way = meant === undefined ? "" : `did you mean ${meant}? `;
      throw inputError("usage", message, `${way}one of ${choices.join(", ")}; see cloison ${verb.name} --help`);
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
