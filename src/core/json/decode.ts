/**
 * Turns JSON of unknown shape into values of known shape, or says where it is wrong: at which line and column of the text,
 * and at which place of the document.
 */
import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";
import { type Json, parseJson, spansOf } from "./parse.ts";

/** Reads one value; `path` is where it stands in the document, for the message. Throws a Malformed. */
export type Decode<T> = (value: Json, path: string) => T;

/** What does not have the expected shape, and where. Caught in `readDocument`; never leaves this folder. */
class Malformed extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Reports that a value is not what it should be. */
export function refuse(value: Json, path: string, expected: string): never {
  throw new Malformed(value.at, `${path} is not ${expected}`);
}

/** A string of a certain form. */
export function matching(pattern: RegExp, expected: string): Decode<string> {
  return (value, path) =>
    value.kind === "string" && pattern.test(value.value) ? value.value : refuse(value, path, expected);
}

/** Any string. */
export const text: Decode<string> = (value, path) =>
  value.kind === "string" ? value.value : refuse(value, path, "a string");

/** A number between two bounds, with a fraction or without. */
export function number(least: number, most: number): Decode<number> {
  return (value, path) => {
    const found = value.kind === "number" ? Number(value.text) : Number.NaN;
    return found >= least && found <= most ? found : refuse(value, path, `a number from ${least} to ${most}`);
  };
}

/** An integer between two bounds. */
export function integer(least: number, most: number): Decode<number> {
  return (value, path) => {
    const found = value.kind === "number" ? Number(value.text) : Number.NaN;
    const fits = Number.isInteger(found) && found >= least && found <= most;
    return fits ? found : refuse(value, path, `an integer from ${least} to ${most}`);
  };
}

/** true or false. */
export const flag: Decode<boolean> = (value, path) =>
  value.kind === "boolean" ? value.value : refuse(value, path, "true or false");

/** One of the texts that a function recognises. */
export function known<T extends string>(recognise: (text: string) => text is T, expected: string): Decode<T> {
  return (value, path) =>
    value.kind === "string" && recognise(value.value) ? value.value : refuse(value, path, expected);
}

/** One of some texts. */
export function oneOf<T extends string>(...texts: readonly T[]): Decode<T> {
  return (value, path) => {
    const found = value.kind === "string" ? texts.find((one) => one === value.value) : undefined;
    return found ?? refuse(value, path, `one of ${texts.join(", ")}`);
  };
}

/** A list. */
export function list<T>(item: Decode<T>): Decode<readonly T[]> {
  return (value, path) =>
    value.kind === "array"
      ? value.items.map((one, index) => item(one, `${path}[${index}]`))
      : refuse(value, path, "a list");
}

/** The members of an object by name. A name that stands there twice is refused: readers disagree on which one counts. */
function membersOf(value: Json, path: string): ReadonlyMap<string, Json> {
  if (value.kind !== "object") {
    return refuse(value, path, "an object");
  }
  const members = new Map<string, Json>();
  for (const member of value.members) {
    if (members.has(member.name)) {
      throw new Malformed(member.at, `${path} has ${JSON.stringify(member.name)} twice`);
    }
    members.set(member.name, member.value);
  }
  return members;
}

/** One member of an object, for whoever must look at it before the object is read as a whole. */
export function memberOf(value: Json, name: string): Json | undefined {
  return value.kind === "object" ? value.members.find((member) => member.name === name)?.value : undefined;
}

/** An object that maps any name to one shape. */
export function map<T>(item: Decode<T>): Decode<{ readonly [name: string]: T }> {
  return (value, path) =>
    Object.fromEntries(
      [...membersOf(value, path)].map(([name, entry]) => [name, item(entry, `${path}[${JSON.stringify(name)}]`)]),
    );
}

/** An object with these fields; those named in `optional` may be missing. Other fields are left out. */
export function object<T extends object>(
  fields: { readonly [K in keyof T]-?: Decode<Exclude<T[K], undefined>> },
  optional: readonly (keyof T)[] = [],
): Decode<T> {
  return (value, path) => {
    const members = membersOf(value, path);
    const result: Partial<Record<keyof T, unknown>> = {};
    for (const name of Object.keys(fields) as (keyof T & string)[]) {
      const inner = members.get(name);
      if (inner === undefined && optional.includes(name)) {
        continue;
      }
      if (inner === undefined) {
        return refuse(value, `${path}.${name}`, "there");
      }
      result[name] = fields[name](inner, `${path}.${name}`);
    }
    return result as T;
  };
}

/** An object one field of which, `kind` most often, says which of several shapes it has. */
export function byTag<N extends string, T extends { readonly [K in N]: string }>(
  tag: N,
  shapes: { readonly [K in T[N]]: Decode<Extract<T, { readonly [P in N]: K }>> },
): Decode<T> {
  return (value, path) => {
    const found = memberOf(value, tag);
    if (value.kind !== "object") {
      return refuse(value, path, "an object");
    }
    const kind = found?.kind === "string" ? found.value : undefined;
    if (kind === undefined || !Object.hasOwn(shapes, kind)) {
      return refuse(found ?? value, `${path}.${tag}`, `one of ${Object.keys(shapes).join(", ")}`);
    }
    return shapes[kind as T[N]](value, path);
  };
}

/** A version of a kind of document, by its field `schema`. */
export interface DocumentVersion<T> {
  readonly schema: string;
  readonly decode: Decode<T>;
}

/** How a kind of document is read. */
export interface DocumentForm<T> {
  /** What the document is called in messages, and in the codes `NAME-json`, `NAME-schema` and `NAME-shape`. */
  readonly name: string;
  /** What is written comes first; others are read as well. */
  readonly versions: readonly [DocumentVersion<T>, ...DocumentVersion<T>[]];
  /** The command that writes such a document. */
  readonly writer: string;
  /** The way out of a wrong shape. */
  readonly help: string;
}

/** Reads a document. Each diagnostic has its line and column in the text; `file` is what the file is called. */
export function readDocument<T>(source: string, file: string, form: DocumentForm<T>): Parsed<T> {
  const spanOf = spansOf(source, file);
  const parsed = parseJson(source);
  if (!parsed.ok) {
    const message = `not a JSON document: ${parsed.reason}`;
    return refusal(`${form.name}-json`, message, "is the file complete?", spanOf(parsed.at));
  }
  const schema =
    parsed.value.kind === "object" ? parsed.value.members.find(({ name }) => name === "schema") : undefined;
  const named = schema?.value.kind === "string" ? schema.value.value : undefined;
  const version = form.versions.find((one) => one.schema === named);
  if (version === undefined) {
    const found = named === undefined ? "has no schema" : `is of schema ${JSON.stringify(named)}`;
    const message = `the document ${found}, not ${form.versions[0].schema}`;
    return refusal(
      `${form.name}-schema`,
      message,
      `use one that \`${form.writer}\` wrote`,
      spanOf((schema ?? parsed.value).at),
    );
  }
  try {
    return { ok: true, value: version.decode(parsed.value, form.name), diagnostics: [] };
  } catch (cause) {
    if (!(cause instanceof Malformed)) {
      throw cause;
    }
    return refusal(`${form.name}-shape`, cause.message, form.help, spanOf(cause.at));
  }
}
