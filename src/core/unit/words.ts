/** Splits a value into words, with systemd's quotes and escapes. Facts: systemd.syntax(7) "Quoting", systemd.service(5) "Command lines". */
import { isCodePoint, WHITE_SPACE } from "./characters.ts";

/**
 * How a directive reads its words. `command`: quotes and C escapes (Exec lines, Environment=). `list`: quotes, and a
 * backslash takes the next character as it is (paths, users, address families). `plain`: no quotes (SystemCallFilter=).
 */
export type WordSyntax = "command" | "list" | "plain";

/** The words of a value. `problem` says why systemd stops early or warns; the words up to there count. */
export interface Words {
  readonly words: readonly string[];
  readonly problem?: "unbalanced-quote" | "trailing-backslash" | "unknown-escape";
}

/** One word and where the next begins. `undefined`: no word is left, or none that can be read. */
export interface Word {
  readonly word: string | undefined;
  readonly next: number;
  readonly problem?: NonNullable<Words["problem"]>;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
  s: " ",
};

const NUMERIC: readonly { readonly form: RegExp; readonly base: number; readonly byte: boolean }[] = [
  { form: /x([0-9a-fA-F]{2})/y, base: 16, byte: true },
  { form: /u([0-9a-fA-F]{4})/y, base: 16, byte: false },
  { form: /U([0-9a-fA-F]{8})/y, base: 16, byte: false },
  { form: /([0-7]{3})/y, base: 8, byte: true },
];

type Escape = { readonly text: string; readonly length: number } | { readonly byte: number; readonly length: number };

/** The C escape at `at`, just after the backslash. Those for NUL and invalid characters do not count as escapes. */
function cEscape(text: string, at: number): Escape | undefined {
  const letter = text.charAt(at);
  const simple = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  if (simple !== undefined) {
    return { text: simple, length: 1 };
  }
  for (const { form, base, byte } of NUMERIC) {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match === null) {
      continue;
    }
    const code = Number.parseInt(match[1] ?? "", base);
    if (code === 0 || (byte ? code > 0xff : !isCodePoint(code))) {
      return undefined;
    }
    if (!byte || code < 0x80) {
      return { text: String.fromCodePoint(code), length: match[0].length };
    }
    return { byte: code, length: match[0].length };
  }
  return undefined;
}

/** Collects a word; bytes written as \xHH are decoded as UTF-8 once the run of them ends. */
interface Builder {
  text: string;
  bytes: string;
}

function flush(builder: Builder): void {
  if (builder.bytes === "") {
    return;
  }
  try {
    builder.text += decodeURIComponent(builder.bytes);
  } catch {
    builder.text += "\ufffd";
  }
  builder.bytes = "";
}

function add(builder: Builder, piece: string): void {
  flush(builder);
  builder.text += piece;
}

/** Takes the character after a backslash at `at`; returns how many characters were used and whether the escape is unknown. */
function takeEscaped(
  builder: Builder,
  value: string,
  at: number,
  syntax: WordSyntax,
): { length: number; known: boolean } {
  // A character, not half of a surrogate pair.
  const character = String.fromCodePoint(value.codePointAt(at) ?? 0);
  if (syntax !== "command") {
    add(builder, character);
    return { length: character.length, known: true };
  }
  const found = cEscape(value, at);
  if (found === undefined) {
    add(builder, `\\${character}`);
    return { length: character.length, known: false };
  }
  if ("byte" in found) {
    builder.bytes += `%${found.byte.toString(16)}`;
  } else {
    add(builder, found.text);
  }
  return { length: found.length, known: true };
}

function skip(value: string, start: number, characters: string): number {
  let at = start;
  while (at < value.length && characters.includes(value.charAt(at))) {
    at++;
  }
  return at;
}

/**
 * The open quote after a character, given the one before it: "" outside quotes, undefined if the character is ordinary.
 */
function quoteAfter(character: string, open: string, syntax: WordSyntax): string | undefined {
  if (open !== "") {
    return character === open ? "" : undefined;
  }
  return syntax !== "plain" && (character === '"' || character === "'") ? character : undefined;
}

/** A partial word: `open` is the open quote, `unknown` whether there was an unknown escape. */
interface Reader extends Builder {
  open: string;
  unknown: boolean;
}

/** Consumes what is at `at`; returns how many characters, 0 at the end of the word, -1 for a trailing backslash. */
function takeOne(reader: Reader, value: string, at: number, syntax: WordSyntax, separators: string): number {
  const character = value.charAt(at);
  if (character === "\\") {
    if (at + 1 >= value.length) {
      return -1;
    }
    const taken = takeEscaped(reader, value, at + 1, syntax);
    if (!taken.known) {
      reader.unknown = true;
    }
    return 1 + taken.length;
  }
  const quote = quoteAfter(character, reader.open, syntax);
  if (quote !== undefined) {
    reader.open = quote;
    return 1;
  }
  if (reader.open === "" && separators.includes(character)) {
    return 0;
  }
  add(reader, character);
  return 1;
}

/** Reads the word that begins at or after `start`. */
export function nextWord(value: string, start: number, syntax: WordSyntax, separators: string = WHITE_SPACE): Word {
  const reader: Reader = { text: "", bytes: "", open: "", unknown: false };
  let at = skip(value, start, separators);
  if (at >= value.length) {
    return { word: undefined, next: value.length };
  }
  while (at < value.length) {
    const used = takeOne(reader, value, at, syntax, separators);
    if (used < 0) {
      return { word: undefined, next: value.length, problem: "trailing-backslash" };
    }
    if (used === 0) {
      break;
    }
    at += used;
  }
  if (reader.open !== "") {
    return { word: undefined, next: value.length, problem: "unbalanced-quote" };
  }
  flush(reader);
  const problem = reader.unknown ? { problem: "unknown-escape" as const } : {};
  return { word: reader.text, next: skip(value, at, separators), ...problem };
}

/**
 * The words of a value, unquoted; specifiers are not expanded yet (systemd expands them word by word).
 *
 * @example
 * import { splitWords } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(splitWords(`"/srv/my data" /var\\ x`, "list").words, ["/srv/my data", "/var x"]);
 * assert.deepEqual(splitWords("a\\x2fb 'c'd", "command").words, ["a/b", "cd"]);
 * assert.equal(splitWords(`"open`, "list").problem, "unbalanced-quote");
 */
export function splitWords(value: string, syntax: WordSyntax = "list"): Words {
  const words: string[] = [];
  let problem: Words["problem"];
  for (let at = 0; at < value.length; ) {
    const read = nextWord(value, at, syntax);
    problem ??= read.problem;
    if (read.word === undefined) {
      break;
    }
    words.push(read.word);
    at = read.next;
  }
  return problem === undefined ? { words } : { words, problem };
}
