/** Expands `%n` and its kin. Facts: systemd.unit(5) "Specifiers"; the values are the system manager's, not the service user's. */
import { type UnitName, unescapeName } from "./name.ts";

/**
 * What specifiers depend on. `machine` has the values that only the machine knows (`H`, `m`, `b`, `v` …), by letter.
 */
export interface SpecifierContext {
  readonly name: UnitName;
  /** Path of the unit file, for %y and %Y. */
  readonly fragment?: string;
  readonly machine?: Readonly<Record<string, string>>;
}

/** An expanded text; what could not be resolved is left in it. */
export interface Expanded {
  readonly text: string;
  /** Letters of the specifiers that were left. */
  readonly unresolved: readonly string[];
}

const SYSTEM_MANAGER: Readonly<Record<string, string>> = {
  "%": "%",
  C: "/var/cache",
  D: "/usr/share",
  E: "/etc",
  G: "0",
  g: "root",
  h: "/root",
  L: "/var/log",
  S: "/var/lib",
  s: "/bin/bash",
  T: "/tmp",
  t: "/run",
  U: "0",
  u: "root",
  V: "/var/tmp",
};

function lastComponent(prefix: string): string {
  return prefix.slice(prefix.lastIndexOf("-") + 1);
}

function ofName(letter: string, { name, fragment }: SpecifierContext): string | undefined {
  const instance = name.instance ?? "";
  switch (letter) {
    case "n":
      return name.name;
    case "N":
      return name.name.slice(0, -(name.type.length + 1));
    case "p":
      return name.prefix;
    case "P":
      return unescapeName(name.prefix);
    case "i":
      return instance;
    case "I":
      return unescapeName(instance);
    case "j":
      return lastComponent(name.prefix);
    case "J":
      return unescapeName(lastComponent(name.prefix));
    case "f":
      return `/${unescapeName(instance === "" ? name.prefix : instance)}`.replace(/^\/+/, "/");
    case "d":
      return `/run/credentials/${name.name}`;
    case "y":
      return fragment;
    case "Y":
      return fragment?.slice(0, Math.max(fragment.lastIndexOf("/"), 0));
    default:
      return undefined;
  }
}

/**
 * Expands the specifiers of one word. A `%` before anything but a letter or `%` stands for itself, as in systemd.
 *
 * @example
 * import { expandSpecifiers, parseServiceName } from "cloison";
 * import assert from "node:assert";
 * const name = parseServiceName("app@blue-1.service");
 * assert.ok(name.ok);
 * assert.equal(expandSpecifiers("%S/%p/%I 100%%", { name: name.value }).text, "/var/lib/app/blue/1 100%");
 * assert.deepEqual(expandSpecifiers("%m", { name: name.value }), { text: "%m", unresolved: ["m"] });
 */
export function expandSpecifiers(text: string, context: SpecifierContext): Expanded {
  const unresolved: string[] = [];
  const expanded = text.replace(/%([A-Za-z0-9%])/g, (whole, letter: string) => {
    const machine = context.machine;
    if (machine !== undefined && Object.hasOwn(machine, letter)) {
      return machine[letter] ?? whole;
    }
    const value =
      ofName(letter, context) ?? (Object.hasOwn(SYSTEM_MANAGER, letter) ? SYSTEM_MANAGER[letter] : undefined);
    if (value === undefined) {
      unresolved.push(letter);
    }
    return value ?? whole;
  });
  return { text: expanded, unresolved };
}
