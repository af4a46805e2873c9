/** What a unit names on the machine: its programs, and the directories it is given. Facts: systemd.service(5), systemd.exec(5). */
import { commandsOf } from "./check.ts";
import { expandSpecifiers } from "./specifier.ts";
import { listOf, specifiersOf, type Unit } from "./unit.ts";

/** The absolute paths of all Exec lines, specifiers expanded, each once, in order. */
export function programsOf(unit: Unit): readonly string[] {
  const commands = commandsOf(unit);
  const context = specifiersOf(unit);
  const paths = commands.ok ? commands.value.map(({ path }) => expandSpecifiers(path, context).text) : [];
  return [...new Set(paths.filter((path) => path.startsWith("/")))];
}

const parents = {
  RuntimeDirectory: "/run",
  StateDirectory: "/var/lib",
  CacheDirectory: "/var/cache",
  LogsDirectory: "/var/log",
  ConfigurationDirectory: "/etc",
} as const;

/**
 * Paths of StateDirectory= and its kin. A symlink that is asked for (`name:link`) is not among them.
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
  return Object.entries(parents).flatMap(([key, parent]) =>
    listOf(unit, "Service", key).items.map(({ value }) => `${parent}/${value.split(":")[0]}`),
  );
}
