/** Checks values that came out of a JSON text against the shape they should have, and says where they differ. */

/** Checks `value`; on a difference adds one sentence to `problems`, naming `path`. The result is only used when there is none. */
export type Shape<T> = (value: unknown, path: string, problems: string[]) => T;

/** Text that is not longer than a reader can bear. */
export const text: Shape<string> = (value, path, problems) => {
  if (typeof value !== "string") {
    problems.push(`${path}: expected text`);
    return "";
  }
  return value;
};

/** A number between two bounds, both included. */
export function number(least: number, most: number, integer = false): Shape<number> {
  return (value, path, problems) => {
    const fits = typeof value === "number" && value >= least && value <= most && (!integer || Number.isInteger(value));
    if (!fits) {
      problems.push(`${path}: expected ${integer ? "a whole number" : "a number"} from ${least} to ${most}`);
      return least;
    }
    return value;
  };
}

/** True or false. */
export const flag: Shape<boolean> = (value, path, problems) => {
  if (typeof value !== "boolean") {
    problems.push(`${path}: expected true or false`);
  }
  return value === true;
};

/** One of a few texts. */
export function oneOf<const T extends string>(...allowed: readonly [T, ...T[]]): Shape<T> {
  return (value, path, problems) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) {
      const some = allowed.length > 8 ? "a known name" : allowed.map((name) => `"${name}"`).join(" or ");
      problems.push(`${path}: expected ${some}`);
    }
    return found ?? allowed[0];
  };
}

/** A text that matches. */
export function matching(pattern: RegExp, what: string): Shape<string> {
  return (value, path, problems) => {
    if (typeof value !== "string" || !pattern.test(value)) {
      problems.push(`${path}: expected ${what}`);
      return "";
    }
    return value;
  };
}

/** A list of one shape. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value, path, problems) => {
    if (!Array.isArray(value)) {
      problems.push(`${path}: expected a list`);
      return [];
    }
    return value.map((entry, index) => item(entry, `${path}[${index}]`, problems));
  };
}

/** An object that maps any name to one shape. */
export function map<T>(item: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return (value, path, problems) => {
    if (!isObject(value)) {
      problems.push(`${path}: expected an object`);
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [name, item(entry, `${path}[${JSON.stringify(name)}]`, problems)]),
    );
  };
}

/** An object with a field for each of T's; those of `optional` may be missing. Other fields are left out of the result. */
export function object<T extends object>(
  fields: { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> },
  optional: readonly (keyof T)[] = [],
): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, path, problems) => {
    if (!isObject(value)) {
      problems.push(`${path === "" ? "document" : path}: expected an object`);
      return {} as T;
    }
    const present = names.filter((name) => Object.hasOwn(value, name) || !optional.includes(name));
    const entries = present.map((name) => {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      return [name, fields[name](field, path === "" ? name : `${path}.${name}`, problems)] as const;
    });
    return Object.fromEntries(entries) as T;
  };
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
