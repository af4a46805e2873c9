/** Reads values of a JSON tree as the expected kinds; a value of another kind becomes a diagnostic with its place. */
import type { Diagnostic, Span } from "../../diagnostic/diagnostic.ts";
import type { Json } from "../../json/parse.ts";

/** What has been found so far, and how to say where. */
export interface Notes {
  readonly spanOf: (at: number) => Span;
  readonly found: Diagnostic[];
}

/** The fields of an object; if a name is repeated the last one counts, as in Go's and Python's parsers. */
export interface Fields {
  readonly at: number;
  readonly get: (field: string) => Json | undefined;
}

function add(notes: Notes, at: number, diagnostic: Diagnostic, help: string | undefined): void {
  const placed = { ...diagnostic, span: notes.spanOf(at) };
  notes.found.push(help === undefined ? placed : { ...placed, help });
}

/** Something that Docker, Podman or a runtime would refuse, at an offset. */
export function refuse(notes: Notes, at: number, code: string, message: string, help?: string): void {
  add(notes, at, { code, severity: "error", message }, help);
}

/** Something that they would pass over in silence, at an offset. */
export function warn(notes: Notes, at: number, code: string, message: string, help?: string): void {
  add(notes, at, { code, severity: "warning", message }, help);
}

const KINDS: Readonly<Record<Json["kind"], string>> = {
  null: "null",
  boolean: "a boolean",
  number: "a number",
  string: "a string",
  array: "a list",
  object: "an object",
};

/** A value of another kind; always undefined, so that a reader can return it. */
function mismatch(notes: Notes, value: Json, what: string, expected: string): undefined {
  refuse(notes, value.at, "oci-type", `${what}: ${KINDS[value.kind]} where ${expected} is expected`);
}

/** An object with these fields; others are warned about, repeated ones too. Anything else: undefined and an error. */
export function fieldsOf(notes: Notes, value: Json, what: string, known: readonly string[]): Fields | undefined {
  if (value.kind !== "object") {
    return mismatch(notes, value, what, "an object");
  }
  const fields = new Map<string, Json>();
  for (const { name, at, value: inner } of value.members) {
    if (fields.has(name)) {
      warn(notes, at, "oci-repeated", `'${name}' is given twice: the last one counts`);
    } else if (!known.includes(name)) {
      const quoted = JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
      warn(notes, at, "oci-field", `${quoted} means nothing in ${what}`, `known: ${known.join(", ")}`);
    }
    fields.set(name, inner);
  }
  return { at: value.at, get: (field) => fields.get(field) };
}

function absent(value: Json | undefined): value is undefined | (Json & { kind: "null" }) {
  return value === undefined || value.kind === "null";
}

/** A string; undefined if absent or null (as runtimes read it) and, with an error, for anything else. */
export function asText(notes: Notes, value: Json | undefined, what: string): string | undefined {
  if (absent(value)) {
    return undefined;
  }
  return value.kind === "string" ? value.value : mismatch(notes, value, what, "a string");
}

/** The items of a list; none if absent or null and, with an error, for anything else. */
export function asList(notes: Notes, value: Json | undefined, what: string): readonly Json[] {
  if (absent(value)) {
    return [];
  }
  if (value.kind === "array") {
    return value.items;
  }
  mismatch(notes, value, what, "a list");
  return [];
}

/** An integer from 0 to `largest`, exactly as written. */
export function asWhole(notes: Notes, value: Json | undefined, what: string, largest: bigint): bigint | undefined {
  if (absent(value)) {
    return undefined;
  }
  if (value.kind !== "number") {
    return mismatch(notes, value, what, "a number");
  }
  const help = `a whole number from 0 to ${largest}`;
  // Digits are counted first: converting a million of them takes long.
  const number = /^\d{1,20}$/.test(value.text) ? BigInt(value.text) : undefined;
  if (number !== undefined && number <= largest) {
    return number;
  }
  refuse(notes, value.at, "oci-number", `${what} cannot be ${value.text.slice(0, 40)}`, help);
  return undefined;
}
