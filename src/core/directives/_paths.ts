/**
 * Directives that hold a list of paths. A leading `-` says that a missing path is no error, `+` that the path lies below
 * RootDirectory=. Lines add up, an empty line empties the list. Facts: systemd.exec(5) "ReadWritePaths=".
 */

import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { isWithin } from "../kernel/path.ts";
import { setting } from "../sandbox/origin.ts";
import type { MountMode } from "../sandbox/wall.ts";
import { quoteValue } from "../unit/print.ts";
import { splitWords } from "../unit/words.ts";
import { simplifyPath } from "./_path.ts";
import { type Described, ignored, sameValue } from "./_scalar.ts";
import type { Directive, DirectiveAssignment, PlainWall, UnitFacts } from "./directive.ts";
import { rootDirectory } from "./files/root-directory.ts";
import { rootEphemeral } from "./files/root-ephemeral.ts";

/** One path of a list. */
export interface PathEntry {
  readonly path: string;
  readonly optional: boolean;
  /** Below RootDirectory=. */
  readonly rooted: boolean;
}

/** Sorted by path, each path once. */
export type PathList = readonly PathEntry[];

/** Reads one word with its prefixes. */
export function parsePathEntry(word: string): PathEntry | undefined {
  const optional = word.startsWith("-");
  const rest = optional ? word.slice(1) : word;
  const rooted = rest.startsWith("+");
  const path = simplifyPath(rooted ? rest.slice(1) : rest);
  return path === undefined ? undefined : { path, optional, rooted };
}

/** Whether a path can be written in a unit file at all. */
export function isWritablePath(path: string): boolean {
  return quoteValue(path).ok;
}

/** Joins lists: a path that one of them requires is required. */
export function uniteEntries(...lists: readonly PathList[]): PathList {
  const entries = new Map<string, PathEntry>();
  for (const entry of lists.flat()) {
    const key = `${entry.rooted ? "+" : ""}${entry.path}`;
    const other = entries.get(key);
    entries.set(key, other === undefined ? entry : { ...entry, optional: entry.optional && other.optional });
  }
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** What lies in both lists: each entry that is at or below one of the other list. */
function intersectEntries(a: PathList, b: PathList): PathList {
  const within = (entry: PathEntry, list: PathList) =>
    list.some((other) => other.rooted === entry.rooted && isWithin(entry.path, other.path));
  return uniteEntries(
    a.filter((entry) => within(entry, b)),
    b.filter((entry) => within(entry, a)),
  );
}

function foldPaths(
  name: string,
  assignments: readonly DirectiveAssignment[],
): { value: PathList; diagnostics: Diagnostic[] } {
  let value: PathList = [];
  const diagnostics: Diagnostic[] = [];
  for (const assignment of assignments) {
    const text = assignment.value.trim();
    if (text === "") {
      value = [];
    }
    for (const word of splitWords(text, "list").words) {
      const entry = parsePathEntry(word);
      if (entry !== undefined) {
        value = uniteEntries(value, [entry]);
      } else {
        diagnostics.push(ignored(name, { ...assignment, value: word }, "an absolute path"));
      }
    }
  }
  return { value, diagnostics };
}

/** The words of a list; what cannot be written at all is left out. */
function wordsOf(list: PathList): string {
  return list
    .map(({ path, optional, rooted }) => {
      const quoted = quoteValue(`${optional ? "-" : ""}${rooted ? "+" : ""}${path}`);
      return quoted.ok ? quoted.value : undefined;
    })
    .filter((word) => word !== undefined)
    .join(" ");
}

/** What must be written so that the list becomes `value`: only what is new where that is enough. */
function printPaths(value: PathList, below: PathList): readonly string[] {
  if (sameValue(value, below)) {
    return [];
  }
  if (sameValue(uniteEntries(value, below), value)) {
    const text = JSON.stringify(below);
    return [wordsOf(value.filter((entry) => !text.includes(JSON.stringify(entry))))];
  }
  return value.length === 0 ? [""] : ["", wordsOf(value)];
}

/** How a list names its wall: with the path that it is about. */
export function pathWalls(name: string, list: PathList, mode: MountMode): readonly PlainWall[] {
  return list.map(({ path, optional }) => ({ kind: "mount", by: setting(name, path), path, mode, optional }));
}

/**
 * The entries as paths that the service sees: without `+` they are the machine's, and count behind another root as far as
 * they lie in it (systemd's namespace.c).
 */
function seenFrom(facts: UnitFacts, list: PathList): PathList {
  const root = facts.valueOf(rootDirectory);
  if (root === "" || root === "/") {
    return list;
  }
  return list.flatMap((entry) => {
    if (entry.rooted) {
      return [entry];
    }
    // A copy of the root lies elsewhere, where none of the machine's own paths leads.
    const copied = facts.systemd >= rootEphemeral.since && facts.valueOf(rootEphemeral);
    return isWithin(entry.path, root) && !copied ? [{ ...entry, path: entry.path.slice(root.length) || "/" }] : [];
  });
}

/** What is true of every mount on a file; mount_namespaces(7) of the mount point that is renamed over. */
export const ON_A_FILE =
  "On a file it ends when another file is renamed there, as passwd and upgrades do, until the unit is started anew.";

/** A list of paths with one mode. Of a door, joined lists are what both open; an empty one says nothing. */
export function pathDirective(
  own: Omit<Described<PathList>, "walls"> & { readonly mode: MountMode; readonly samples: readonly string[] },
): Directive<PathList> {
  const { mode, ...described } = own;
  const meetDoors = (a: PathList, b: PathList) =>
    a.length === 0 || b.length === 0 ? uniteEntries(a, b) : intersectEntries(a, b);
  return {
    ...described,
    initial: [],
    fold: (assignments) => foldPaths(own.name, assignments),
    print: printPaths,
    meet: own.door === undefined ? (a, b) => uniteEntries(a, b) : meetDoors,
    walls: (value, facts) => pathWalls(own.name, seenFrom(facts, value), mode),
  };
}
