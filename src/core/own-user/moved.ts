/**
 * Files that a service makes in /run itself, where only root may, and that the unit's own text names: they are moved into a directory
 * of the service's by rewriting those lines. Facts: systemd.exec(5) "Environment=", systemd.service(5) "PIDFile=".
 */
import { patternOfPath } from "../kernel/path.ts";
import { type Unit, valuesOf } from "../unit/unit.ts";
import type { OwnLine } from "./own-user.ts";

/** The keys whose values may name such a file; all but PIDFile= add up, so that the others are written again, too. */
const KEYS = [
  "Environment",
  "ExecStartPre",
  "ExecStart",
  "ExecStartPost",
  "ExecReload",
  "ExecStop",
  "ExecStopPost",
  "PIDFile",
] as const;

/** What was moved. */
export interface Moved {
  readonly lines: readonly OwnLine[];
  /** The former path of each file, as the unit names it. */
  readonly paths: readonly string[];
}

/** A character that cannot be part of a path's last name in a unit's line. */
const END = String.raw`(?=$|[\s"';,:])`;

/** Whether a path is another one, or that one with a dot and more behind it, as temporary and numbered files have. */
export function isOrExtends(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`);
}

/** Rewrites what names one of `loose`; `directory` is where they go. */
export function movedInUnit(unit: Unit, loose: readonly string[], directory: string): Moved {
  const named = namedPaths(unit).filter((path) => loose.some((each) => isOrExtends(each, path)));
  if (named.length === 0) {
    return { lines: [], paths: [] };
  }
  const rewrite = (text: string): string =>
    named.reduce(
      (all, path) =>
        all.replaceAll(new RegExp(`${patternOfPath(path)}${END}`, "g"), `${directory}/${path.split("/").at(-1)}`),
      text,
    );
  const reason = `${named.join(" and ")} would lie where only root makes files`;
  const lines = KEYS.flatMap((key): readonly OwnLine[] => {
    const all = valuesOf(unit, key);
    const values = all.map(rewrite);
    if (values.every((value, index) => value === all[index])) {
      return [];
    }
    return [{ name: key, values: key === "PIDFile" ? values.slice(-1) : ["", ...values], reason }];
  });
  return { lines, paths: named };
}

/** What tells a program where to make its files; other keys only say where they will be. */
const TELLING = ["Environment", "ExecStart"] as const;

/** The paths directly in /run that the unit tells its program. */
function namedPaths(unit: Unit): readonly string[] {
  const found = TELLING.flatMap((key) => valuesOf(unit, key)).flatMap((value) => [
    ...value.matchAll(new RegExp(String.raw`/run/[\w.@-]+${END}`, "g")),
  ]);
  return [...new Set(found.map(([path]) => path))];
}
