/** A unit: its file and its drop-ins, read one after the other. Facts: systemd.unit(5), systemd.syntax(7). */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { UnitName } from "./name.ts";
import { expandSpecifiers, type SpecifierContext } from "./specifier.ts";
import type { UnitFile } from "./unit-file.ts";
import { splitWords, type WordSyntax } from "./words.ts";

/** One service. `files` in the order of reading: the unit file first, then the drop-ins. */
export interface Unit {
  readonly name: UnitName;
  /** Path of the unit file on the machine, for %y; absent if it was never installed. */
  readonly fragment?: string;
  readonly files: readonly UnitFile[];
  /** The machine's values for specifiers, by letter (`m`, `b`, `H`, `v` …); without it those are not expanded. */
  readonly machine?: Readonly<Record<string, string>>;
}

/** One assignment and where it stands; itself usable as a `Span`. An empty value is a reset. */
export interface Assignment {
  readonly key: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One word of a list and the assignment that it comes from. */
export interface ListItem {
  readonly value: string;
  readonly from: Assignment;
}

/** A list directive's words, and diagnostics on those that systemd would skip. */
export interface List {
  readonly items: readonly ListItem[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Names from before systemd 231 that it still accepts in [Service]. Facts: systemd.exec(5), NEWS of 231; measured on
 * 257.
 */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  ReadWriteDirectories: "ReadWritePaths",
  ReadOnlyDirectories: "ReadOnlyPaths",
  InaccessibleDirectories: "InaccessiblePaths",
};

/** The current name of a renamed directive; any other name unchanged. */
export function currentName(key: string): string {
  return (Object.hasOwn(FORMER_NAMES, key) ? FORMER_NAMES[key] : undefined) ?? key;
}

/**
 * All assignments of a key in one file, resets and former names included, in order. Section and key are compared
 * exactly, as in systemd.
 */
export function assignmentsOfFile(unit: UnitFile, section: string, key: string): readonly Assignment[] {
  const found: Assignment[] = [];
  for (const entry of unit.entries) {
    if (entry.kind !== "assignment" || entry.section !== section || currentName(entry.key) !== key) {
      continue;
    }
    found.push({ key, value: entry.value, file: unit.path, line: entry.line, column: entry.column });
  }
  return found;
}

/**
 * All assignments of a key in the unit file and its drop-ins, resets included, in the order in which systemd reads
 * them.
 */
export function assignments(unit: Unit, section: string, key: string): readonly Assignment[] {
  return unit.files.flatMap((file) => assignmentsOfFile(file, section, key));
}

/** The last assignment of a key, which is the one that counts for a scalar unless its value is invalid; it may be a reset. */
export function lastOf(unit: Unit, section: string, key: string): Assignment | undefined {
  return assignments(unit, section, key).at(-1);
}

/** The assignments after the last reset: those that count for a list. */
export function sinceReset(all: readonly Assignment[]): readonly Assignment[] {
  const reset = all.findLastIndex((assignment) => assignment.value === "");
  return all.slice(reset + 1);
}

/** The values of a key of [Service] after its last reset. */
export function valuesOf(unit: Unit, key: string): readonly string[] {
  return sinceReset(assignments(unit, "Service", key)).map(({ value }) => value);
}

/** The context in which the unit's specifiers are expanded. */
export function specifiersOf(unit: Unit): SpecifierContext {
  const { name, fragment, machine } = unit;
  return {
    name,
    ...(fragment === undefined ? {} : { fragment }),
    ...(machine === undefined ? {} : { machine }),
  };
}

/**
 * The words of a list directive: lines add up, an empty assignment starts over, specifiers are expanded word by word.
 *
 * @example
 * import { listOf, parseServiceName, parseUnit } from "cloison";
 * import assert from "node:assert";
 * const text = "[Service]\nReadWritePaths=/a\nReadWritePaths=\nReadWritePaths=/b /var/%p\n";
 * const file = parseUnit(text, "app.service");
 * const name = parseServiceName("app.service");
 * assert.ok(file.ok && name.ok);
 * const unit = { name: name.value, files: [file.value] };
 * assert.deepEqual(listOf(unit, "Service", "ReadWritePaths").items.map((item) => item.value), ["/b", "/var/app"]);
 */
export function listOf(unit: Unit, section: string, key: string, syntax: WordSyntax = "list"): List {
  const items: ListItem[] = [];
  const diagnostics: Diagnostic[] = [];
  const context = specifiersOf(unit);
  for (const from of sinceReset(assignments(unit, section, key))) {
    const { words, problem } = splitWords(from.value, syntax);
    if (problem !== undefined) {
      const message = `${key}=: ${problem.replaceAll("-", " ")}`;
      diagnostics.push({ code: `unit-${problem}`, severity: "warning", message, span: from });
    }
    for (const word of words) {
      items.push({ value: expandSpecifiers(word, context).text, from });
    }
  }
  return { items, diagnostics };
}
