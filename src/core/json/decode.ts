/** Turns parsed JSON of unknown shape into values of known shape, or says where it is wrong. */

/** Reads one value; `at` is where it stands, for the message. Throws a Malformed. */
export type Decode<T> = (value: unknown, at: string) => T;

/** What does not have the expected shape, and where. Caught by whoever reads the document; never leaves this folder. */
export class Malformed extends Error {}

/** Says that something at a place is not what it should be. */
export function refuse(at: string, expected: string): never {
  throw new Malformed(`${at} is not ${expected}`);
}

/** Any string. */
export const text: Decode<string> = (value, at) => (typeof value === "string" ? value : refuse(at, "a text"));

/** A string of a certain form. */
export function matching(pattern: RegExp, expected: string): Decode<string> {
  return (value, at) => (typeof value === "string" && pattern.test(value) ? value : refuse(at, expected));
}

/** An integer between two bounds. */
export function integer(least: number, most: number): Decode<number> {
  return (value, at) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? value
      : refuse(at, `an integer from ${least} to ${most}`);
}

/** true or false. */
export const flag: Decode<boolean> = (value, at) => (typeof value === "boolean" ? value : refuse(at, "true or false"));

/** One of the texts that a function recognises. */
export function known<T extends string>(recognise: (text: string) => text is T, expected: string): Decode<T> {
  return (value, at) => (typeof value === "string" && recognise(value) ? value : refuse(at, expected));
}

/** One of some texts. */
export function oneOf<T extends string>(...texts: readonly T[]): Decode<T> {
  return (value, at) => texts.find((one) => one === value) ?? refuse(at, `one of ${texts.join(", ")}`);
}

/** A list. */
export function list<T>(item: Decode<T>): Decode<readonly T[]> {
  return (value, at) =>
    Array.isArray(value) ? value.map((one, index) => item(one, `${at}[${index}]`)) : refuse(at, "a list");
}

/** An object with these fields; those named in `optional` may be missing. Other fields are left out. */
export function object<T extends object>(
  fields: { readonly [K in keyof T]-?: Decode<Exclude<T[K], undefined>> },
  optional: readonly (keyof T)[] = [],
): Decode<T> {
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(at, "an object");
    const result: Partial<Record<keyof T, unknown>> = {};
    for (const name of Object.keys(fields) as (keyof T & string)[]) {
      const inner = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      if (inner === undefined && optional.includes(name)) continue;
      if (inner === undefined) return refuse(`${at}.${name}`, "there");
      result[name] = fields[name](inner, `${at}.${name}`);
    }
    return result as T;
  };
}

/** An object whose field `kind` says which of several shapes it has. */
export function byKind<T extends { readonly kind: string }>(
  shapes: {
    readonly [K in T["kind"]]: Decode<Extract<T, { readonly kind: K }>>;
  },
): Decode<T> {
  return (value, at) => {
    const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
    if (typeof kind !== "string" || !Object.hasOwn(shapes, kind)) {
      return refuse(`${at}.kind`, `one of ${Object.keys(shapes).join(", ")}`);
    }
    return shapes[kind as T["kind"]](value, at);
  };
}
