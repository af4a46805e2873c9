/**
 * Paths that a unit names: its programs and the directories made for it. Facts: systemd.service(5), systemd.exec(5).
 */
import { commandsOf } from "./check.ts";
import { expandSpecifiers } from "./specifier.ts";
import { assignments, listOf, sinceReset, specifiersOf, type Unit } from "./unit.ts";

/** Where systemd looks for a program named without a slash, in order. */
export const PROGRAM_DIRECTORIES: readonly string[] = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

/**
 * The absolute paths of all Exec lines, specifiers expanded, each once, in order. A program named without a slash is
 * looked up with `exists` in ExecSearchPath=, or systemd's own directories; without `exists` it is left out.
 */
export function programsOf(unit: Unit, exists: (path: string) => boolean = () => false): readonly string[] {
  const { commands } = commandsOf(unit);
  const context = specifiersOf(unit);
  const given = assignments(unit, "Service", "ExecSearchPath");
  const searched = sinceReset(given).flatMap(({ value }) => expandSpecifiers(value, context).text.split(":"));
  const programs = commands.map(({ path }) => expandSpecifiers(path, context).text);
  const paths = programs.flatMap(
    (program) => locateProgram(program, searched.length > 0 ? searched : PROGRAM_DIRECTORIES, exists) ?? [],
  );
  return [...new Set(paths)];
}

/**
 * The path of a program: its own if absolute, otherwise in the first of the directories where it exists.
 *
 * @example
 * import { locateProgram } from "cloison";
 * import assert from "node:assert";
 * assert.equal(locateProgram("node", ["/usr/local/bin", "/usr/bin"], (path) => path === "/usr/bin/node"), "/usr/bin/node");
 */
export function locateProgram(
  program: string,
  directories: readonly string[],
  exists: (path: string) => boolean,
): string | undefined {
  if (program.startsWith("/")) {
    return program;
  }
  return directories.map((directory) => `${directory}/${program}`).find(exists);
}

/** The directives that give a unit directories, and below which one each makes them; systemd.exec(5). */
export const DIRECTORY_PARENTS = {
  RuntimeDirectory: "/run",
  StateDirectory: "/var/lib",
  CacheDirectory: "/var/cache",
  LogsDirectory: "/var/log",
  ConfigurationDirectory: "/etc",
} as const;

/** One of them. */
export type DirectoryKind = keyof typeof DIRECTORY_PARENTS;

/**
 * Paths of StateDirectory= and its kin, without requested symlinks (`name:link`).
 *
 * @example
 * import { directoriesOf, parseServiceName, parseUnit } from "cloison";
 * import assert from "node:assert";
 * const file = parseUnit("[Service]\nStateDirectory=%p sub/dir:link\nLogsDirectory=%p\n", "app.service");
 * const name = parseServiceName("app.service");
 * assert.ok(file.ok && name.ok);
 * const unit = { name: name.value, files: [file.value] };
 * assert.deepEqual(directoriesOf(unit), ["/var/lib/app", "/var/lib/sub/dir", "/var/log/app"]);
 */
export function directoriesOf(unit: Unit): readonly string[] {
  return Object.entries(DIRECTORY_PARENTS).flatMap(([key, parent]) =>
    listOf(unit, "Service", key).items.map(({ value }) => `${parent}/${value.split(":")[0]}`),
  );
}
