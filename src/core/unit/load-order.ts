/**
 * Which files make up a unit, and in which order systemd reads them. Facts: systemd.unit(5) "Unit File Load Path" and the
 * paragraphs on drop-ins; precedence between directories measured on systemd 257.
 */
import { templateOf, type UnitName } from "./name.ts";

/** Where the system manager looks for units, highest precedence first. */
export const UNIT_DIRECTORIES: readonly string[] = [
  "/etc/systemd/system.control",
  "/run/systemd/system.control",
  "/run/systemd/transient",
  "/run/systemd/generator.early",
  "/etc/systemd/system",
  "/etc/systemd/system.attached",
  "/run/systemd/system",
  "/run/systemd/system.attached",
  "/run/systemd/generator",
  "/usr/local/lib/systemd/system",
  "/usr/lib/systemd/system",
  "/run/systemd/generator.late",
];

/** The names in a directory; none if there is no such directory. */
export type ListDirectory = (path: string) => readonly string[];

/** The files of a unit. `fragment` is absent if no unit file was found. */
export interface LoadOrder {
  readonly fragment?: string;
  /** In the order in which systemd reads them after the fragment. */
  readonly dropIns: readonly string[];
}

/** What to search besides the usual. */
export interface LoadOptions {
  /** Other names of the unit (symbolic links to it): their drop-ins count too. */
  readonly aliases?: readonly UnitName[];
  /** Instead of `UNIT_DIRECTORIES`. */
  readonly directories?: readonly string[];
}

/** `a-b-c` → `a-b-`: the prefix that the unit shares with its family; undefined at the end. */
function shorterPrefix(prefix: string): string | undefined {
  const dash = prefix.replace(/-$/, "").lastIndexOf("-");
  return dash > 0 ? prefix.slice(0, dash + 1) : undefined;
}

/** Names whose drop-ins apply, most specific first: the unit, its template, then the same for each shorter prefix. */
function family(prefix: string, instance: string | undefined, type: string): readonly string[] {
  const own = instance === undefined ? `${prefix}.${type}` : `${prefix}@${instance}.${type}`;
  const template = instance === undefined || instance === "" ? [] : family(prefix, "", type);
  const shorter = shorterPrefix(prefix);
  const rest = shorter === undefined ? [] : family(shorter, instance === "" ? undefined : instance, type);
  return [...new Set([own, ...template, ...rest])];
}

/**
 * The directories whose drop-ins apply, highest precedence first; `service.d` comes after those of the unit or its
 * family.
 */
function dropInFolders(names: readonly UnitName[], directories: readonly string[]): readonly string[] {
  const named = names.flatMap(({ prefix, instance, type }) =>
    directories.flatMap((directory) => family(prefix, instance, type).map((name) => `${directory}/${name}.d`)),
  );
  const types = [...new Set(names.map(({ type }) => type))];
  return [...named, ...types.flatMap((type) => directories.map((directory) => `${directory}/${type}.d`))];
}

/** Finds the files of a unit. A drop-in of the same file name in a directory of higher precedence replaces the lower one. */
export function loadOrder(name: UnitName, list: ListDirectory, options: LoadOptions = {}): LoadOrder {
  const directories = options.directories ?? UNIT_DIRECTORIES;
  const fragment = findFragment(name, directories, list);
  const chosen = new Map<string, string>();
  for (const folder of dropInFolders([name, ...(options.aliases ?? [])], directories)) {
    for (const file of list(folder)) {
      if (file.endsWith(".conf") && !file.startsWith(".") && !chosen.has(file)) {
        chosen.set(file, `${folder}/${file}`);
      }
    }
  }
  const dropIns = [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  return fragment === undefined ? { dropIns } : { fragment, dropIns };
}

function findFragment(name: UnitName, directories: readonly string[], list: ListDirectory): string | undefined {
  const template = templateOf(name);
  for (const candidate of template === undefined ? [name.name] : [name.name, template]) {
    for (const directory of directories) {
      if (list(directory).includes(candidate)) {
        return `${directory}/${candidate}`;
      }
    }
  }
  return undefined;
}
