/**
 * Reads JSON (RFC 8259, strictly) into a tree that keeps the position of each value and every digit of its numbers:
 * `JSON.parse` rounds what does not fit 53 bits, and system call arguments have 64.
 */
import { type Parsed, refusal, type Span } from "../diagnostic/diagnostic.ts";

/** A value with the offset at which it begins. */
export type Json =
  | { readonly kind: "null"; readonly at: number }
  | { readonly kind: "boolean"; readonly at: number; readonly value: boolean }
  /** `text`: the digits as they were written. */
  | { readonly kind: "number"; readonly at: number; readonly text: string }
  | { readonly kind: "string"; readonly at: number; readonly value: string }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly Json[] }
  /** In the order of the text, repeated names included. */
  | { readonly kind: "object"; readonly at: number; readonly members: readonly Member[] };

/** One name with its value. */
export interface Member {
  readonly name: string;
  readonly at: number;
  readonly value: Json;
}

/** How deep arrays and objects may nest. */
const DEEPEST = 100;

interface Reader {
  readonly text: string;
  at: number;
}

/** What ends the reading; caught in `parseJson` and never seen outside. */
class Mistake extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const BLANKS = " \t\n\r";
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside strings, which is what is looked for.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const WORD = /[a-zA-Z]+/y;

function match(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? "";
  reader.at += found.length;
  return found;
}

function skipBlanks(reader: Reader): void {
  while (reader.at < reader.text.length && BLANKS.includes(reader.text[reader.at] as string)) {
    reader.at += 1;
  }
}

function found(reader: Reader): string {
  const character = reader.text.codePointAt(reader.at);
  return character === undefined ? "the end of the text" : JSON.stringify(String.fromCodePoint(character));
}

function take(reader: Reader, character: string, where: string): void {
  if (reader.text[reader.at] !== character) {
    throw new Mistake(reader.at, `expected ${JSON.stringify(character)} ${where}, found ${found(reader)}`);
  }
  reader.at += 1;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function readEscape(reader: Reader): string {
  const at = reader.at;
  const character = reader.text[at + 1] ?? "";
  if (character === "u") {
    const digits = reader.text.slice(at + 2, at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw new Mistake(at, "\\u needs four hexadecimal digits");
    }
    reader.at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  const value = Object.hasOwn(ESCAPES, character) ? ESCAPES[character] : undefined;
  if (value === undefined) {
    throw new Mistake(at, `there is no escape \\${character}`);
  }
  reader.at += 2;
  return value;
}

function readString(reader: Reader): string {
  const start = reader.at;
  take(reader, '"', "before a string");
  const parts: string[] = [];
  for (;;) {
    parts.push(match(reader, PLAIN));
    const next = reader.text[reader.at];
    if (next === '"') {
      reader.at += 1;
      return parts.join("");
    }
    if (next === undefined) {
      throw new Mistake(start, "the string has no end");
    }
    if (next !== "\\") {
      throw new Mistake(reader.at, "a control character inside a string");
    }
    parts.push(readEscape(reader));
  }
}

/** The comma-separated items between brackets. */
function readList<T>(reader: Reader, close: string, readItem: () => T): readonly T[] {
  const items: T[] = [];
  reader.at += 1;
  skipBlanks(reader);
  if (reader.text[reader.at] === close) {
    reader.at += 1;
    return items;
  }
  for (;;) {
    items.push(readItem());
    skipBlanks(reader);
    if (reader.text[reader.at] === close) {
      break;
    }
    take(reader, ",", `or ${JSON.stringify(close)} after a value`);
  }
  reader.at += 1;
  return items;
}

function readMember(reader: Reader, depth: number): Member {
  skipBlanks(reader);
  const at = reader.at;
  const name = readString(reader);
  skipBlanks(reader);
  take(reader, ":", "after a name");
  return { name, at, value: readValue(reader, depth) };
}

function readWord(reader: Reader): Json {
  const at = reader.at;
  const word = match(reader, WORD);
  if (word === "null") {
    return { kind: "null", at };
  }
  if (word === "true" || word === "false") {
    return { kind: "boolean", at, value: word === "true" };
  }
  reader.at = at;
  throw new Mistake(
    at,
    word === "" ? `expected a value, found ${found(reader)}` : `'${word.slice(0, 40)}' is not a value`,
  );
}

function readValue(reader: Reader, depth: number): Json {
  if (depth > DEEPEST) {
    throw new Mistake(reader.at, `nested more than ${DEEPEST} deep`);
  }
  skipBlanks(reader);
  const at = reader.at;
  const first = reader.text[at];
  switch (first) {
    case "{":
      return { kind: "object", at, members: readList(reader, "}", () => readMember(reader, depth + 1)) };
    case "[":
      return { kind: "array", at, items: readList(reader, "]", () => readValue(reader, depth + 1)) };
    case '"':
      return { kind: "string", at, value: readString(reader) };
    default: {
      const text = match(reader, NUMBER);
      return text === "" ? readWord(reader) : { kind: "number", at, text };
    }
  }
}

/** Maps offsets in a text to lines and columns, both from 1. */
export function spansOf(text: string, file: string): (at: number) => Span {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return (at) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= at) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return { file, line: low + 1, column: at - (starts[low] ?? 0) + 1 };
  };
}

/** Reads a whole text; where it is no JSON, the offset of the mistake and what it is. */
export function parseJson(
  text: string,
): { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly at: number; readonly reason: string } {
  const reader: Reader = { text: text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text, at: 0 };
  try {
    const value = readValue(reader, 0);
    skipBlanks(reader);
    if (reader.at < text.length) {
      throw new Mistake(reader.at, `more after the value: ${found(reader)}`);
    }
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof Mistake)) {
      throw error;
    }
    return { ok: false, at: error.at, reason: error.message };
  }
}

/** The same for a file; the one possible diagnostic is `json`, an error with its place. */
export function readJson(text: string, file: string): Parsed<Json> {
  const parsed = parseJson(text);
  if (parsed.ok) {
    return { ok: true, value: parsed.value, diagnostics: [] };
  }
  return refusal("json", `not valid JSON: ${parsed.reason}`, "is the file complete?", spansOf(text, file)(parsed.at));
}
