/**
 * The grammar of strace's output: a text is split into arguments, and an argument into numbers, strings and brackets.
 * Facts: strace(1), output of strace 6.13 with and without `-y`, `-yy`, `-X raw`, `-X verbose`.
 */
import { AT_FDCWD } from "../../kernel/at-flags.ts";

/** One printed argument. */
export type Printed =
  /** A number, or numbers joined by `|`. Negative ones stay negative. */
  | { readonly kind: "number"; readonly value: bigint }
  /** A quoted string, unescaped: `bytes` has one character per byte, `text` is the same decoded as UTF-8 where it is valid. */
  | {
      readonly kind: "text";
      readonly text: string;
      readonly bytes: string;
      readonly abstract: boolean;
      readonly cut: boolean;
    }
  /** A descriptor with what it refers to, `3</etc/hosts>`; AT_FDCWD is -100. */
  | { readonly kind: "descriptor"; readonly number: number; readonly path: string; readonly deleted: boolean }
  | { readonly kind: "fields"; readonly fields: ReadonlyMap<string, Printed> }
  | { readonly kind: "list"; readonly items: readonly Printed[] }
  /** `htons(80)`, `inet_addr("127.0.0.1")`, `makedev(0x1, 0x3)`. */
  | { readonly kind: "call"; readonly name: string; readonly items: readonly Printed[] }
  /** Names: `NULL`, `O_RDONLY|O_CLOEXEC`, and whatever has no other form. */
  | { readonly kind: "word"; readonly text: string };

/** How a character changes the bracket depth; 0 marks a separator. */
const TURNS: Readonly<Record<string, number>> = { "(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1, ",": 0 };

/** Where a quoted string that begins at `start` ends: the index after its closing quote, or -1. */
function endOfQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") {
      at++;
    } else if (character === '"') {
      return at + 1;
    }
  }
  return -1;
}

/** Where `<…>` after a descriptor ends; the `->` in a decoded socket name does not end it. */
function endOfAngle(text: string, start: number): number {
  let end = text.indexOf(">", start);
  if (/^<[A-Za-z0-9-]+:\[/.test(text.slice(start, start + 24))) {
    while (end > 0 && text[end - 1] === "-") {
      end = text.indexOf(">", end + 1);
    }
  }
  return end < 0 ? -1 : end + 1;
}

function isDescriptorName(character: string | undefined): boolean {
  return character !== undefined && /[0-9A-Z_]/.test(character);
}

/** The index after the string, comment or `<…>` that begins at `at`; `at + 1` if none does, -1 if it never ends. */
function skipUnit(text: string, at: number): number {
  const character = text[at];
  if (character === '"') {
    return endOfQuote(text, at);
  }
  if (character === "/" && text[at + 1] === "*") {
    const end = text.indexOf("*/", at + 2);
    return end < 0 ? -1 : end + 2;
  }
  if (character === "<" && text[at + 1] !== "<" && isDescriptorName(text[at - 1])) {
    return endOfAngle(text, at);
  }
  return at + 1;
}

/** A list of arguments split at its commas, and the index of what closed it. */
export interface Cut {
  readonly parts: readonly string[];
  /** Index of the closing bracket; -1 if there was none: the last part may then be incomplete. */
  readonly end: number;
}

/** Splits `a, b, …)` from `start` up to its closing bracket. */
export function cutArguments(text: string, start: number): Cut {
  const parts: string[] = [];
  let from = start;
  let depth = 0;
  for (let at = start; at >= 0 && at < text.length; at = skipUnit(text, at)) {
    const turn = TURNS[text[at] as string];
    if (turn === undefined) {
      continue;
    }
    if (depth === 0 && turn !== 1) {
      const part = text.slice(from, at).trim();
      if (turn === 0 || part !== "" || parts.length > 0) {
        parts.push(part);
      }
      if (turn === -1) {
        return { parts, end: at };
      }
      from = at + 1;
    }
    depth += turn;
  }
  const rest = text.slice(from).trim();
  return { parts: rest === "" ? parts : [...parts, rest], end: -1 };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", v: "\v", f: "\f", '"': '"', "\\": "\\" };

/** Undoes the escapes of a quoted string; the result has one character per byte. */
function unescapeBytes(quoted: string): string {
  return quoted.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gs, (_, code: string) => {
    if (/^x/.test(code) && code.length === 3) {
      return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    }
    if (/^[0-7]/.test(code)) {
      return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    }
    return ESCAPES[code] ?? code;
  });
}

/** Bytes, one per character, decoded as UTF-8; unchanged if they are not valid UTF-8. */
export function textOfBytes(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) {
    return bytes;
  }
  try {
    return decodeURIComponent(
      bytes.replace(/[%\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`),
    );
  } catch {
    return bytes;
  }
}

function readText(text: string): Printed | undefined {
  const abstract = text[0] === "@";
  const start = abstract ? 1 : 0;
  const end = endOfQuote(text, start);
  if (end < 0) {
    return undefined;
  }
  const bytes = unescapeBytes(text.slice(start + 1, end - 1));
  return { kind: "text", text: textOfBytes(bytes), bytes, abstract, cut: text.startsWith("...", end) };
}

function readNumber(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  const digits = negative ? text.slice(1) : text;
  let value: bigint | undefined;
  if (/^0x[0-9a-f]+$/i.test(digits) || /^(0|[1-9][0-9]*)$/.test(digits)) {
    value = BigInt(digits);
  } else if (/^0[0-7]+$/.test(digits)) {
    value = BigInt(`0o${digits.slice(1)}`);
  }
  return value !== undefined && negative ? -value : value;
}

function readNumbers(text: string): Printed | undefined {
  let sum = 0n;
  for (const part of text.split("|")) {
    const value = readNumber(part.trim());
    if (value === undefined) {
      return undefined;
    }
    sum |= value;
  }
  return { kind: "number", value: sum };
}

const DESCRIPTOR = /^(-?\d+|AT_FDCWD)<(.*)>(\(deleted\))?$/s;

function readDescriptor(text: string): Printed | undefined {
  const match = DESCRIPTOR.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, number = "", name = "", deleted] = match;
  const path = textOfBytes(unescapeBytes(name));
  const gone = path.endsWith(" (deleted)");
  return {
    kind: "descriptor",
    number: number === "AT_FDCWD" ? AT_FDCWD : Number(number),
    path: gone ? path.slice(0, -" (deleted)".length) : path,
    deleted: gone || deleted !== undefined,
  };
}

const UNREADABLE: Printed = { kind: "word", text: "" };

function readFields(text: string): Printed {
  const fields = new Map<string, Printed>();
  for (const part of cutArguments(text, 1).parts) {
    const name = /^([a-z_][a-z0-9_.]*)=/i.exec(part);
    if (name?.[1] !== undefined) {
      fields.set(name[1], readPrinted(part.slice(name[0].length)));
    }
    // strace prints IPv6 addresses as a call that names the field: inet_pton(AF_INET6, "::1", &sin6_addr)
    else {
      fields.set(part.split("(")[0] ?? "", readPrinted(part));
    }
  }
  return { kind: "fields", fields };
}

/** Removes comments, but not what looks like one inside a string. */
function withoutComments(text: string): string {
  let result = "";
  for (let at = 0; at < text.length; ) {
    const next = skipUnit(text, at);
    const end = next < 0 ? text.length : next;
    if (text.startsWith("/*", at)) {
      result = result.trimEnd();
      for (at = end; text[at] === " "; ) {
        at++;
      }
    } else {
      result += text.slice(at, end);
      at = end;
    }
  }
  return result;
}

/** Reads one argument. Whatever has no known form is a word, so this never fails. */
export function readPrinted(printed: string): Printed {
  const text = (printed.includes("/*") ? withoutComments(printed) : printed).trim();
  const first = text[0];
  if (first === undefined) {
    return UNREADABLE;
  }
  if (first === '"' || (first === "@" && text[1] === '"')) {
    return readText(text) ?? { kind: "word", text };
  }
  if (first === "{") {
    return readFields(text);
  }
  if (first === "[") {
    return { kind: "list", items: cutArguments(text, 1).parts.map(readPrinted) };
  }
  const simple = readNumbers(text) ?? readDescriptor(text);
  if (simple !== undefined) {
    return simple;
  }
  const call = /^([a-z_][a-z0-9_]*)\(/i.exec(text);
  if (call?.[1] !== undefined && text.endsWith(")")) {
    return { kind: "call", name: call[1], items: cutArguments(text, call[0].length).parts.map(readPrinted) };
  }
  return { kind: "word", text };
}
