/**
 * Where a service was seen to write, sorted by who can give it that place: systemd, by one of its directories, or only a change of
 * owner. Facts: systemd.exec(5) "RuntimeDirectory=", hier(7).
 */
import type { Observation } from "../action/action.ts";
import { callOf } from "../action/action.ts";
import { needsOf } from "../directives/seen.ts";
import { directoryOf, isWithin, underRun } from "../kernel/path.ts";
import { DIRECTORY_PARENTS, type DirectoryKind } from "../unit/places.ts";

const KINDS = Object.keys(DIRECTORY_PARENTS) as readonly DirectoryKind[];

/** What stands below those parents and is never one service's: the manager's, the packages', or everyone's. */
const SHARED = [
  ...["systemd", "user", "lock", "dbus", "udev", "credentials", "tmpfiles.d", "utmp"].map((name) => `/run/${name}`),
  ...["apt", "dbus", "dpkg", "misc", "pam", "private", "systemd", "ucf"].map((name) => `/var/lib/${name}`),
  ...["apt", "debconf", "ldconfig", "private"].map((name) => `/var/cache/${name}`),
  ...["alternatives.log", "apt", "btmp", "dpkg.log", "journal", "lastlog", "private", "wtmp"].map(
    (name) => `/var/log/${name}`,
  ),
  ...["alternatives", "apt", "cron.d", "dpkg", "ld.so.cache", "pam.d", "ssl", "systemd"].map((name) => `/etc/${name}`),
];

/** Places where a process of any user may write, or where a write means something else. */
const ANYONE = ["/tmp", "/var/tmp", "/dev", "/proc", "/sys"];

/** One place. */
export type WrittenPlace =
  /** `path` is the directory that is the service's, below the parent of its kind. */
  | { readonly kind: "directory"; readonly of: DirectoryKind; readonly name: string; readonly path: string }
  /** A file that lies in such a parent itself. `socket`: it was bound there. */
  | { readonly kind: "loose"; readonly of: DirectoryKind; readonly path: string; readonly what: "file" | "socket" }
  /** Anywhere else. */
  | { readonly kind: "elsewhere"; readonly path: string };

/** The places, each once, in the order of their paths. `isDirectory` says what is known of the machine. */
export function placesWritten(
  observation: Observation,
  isDirectory: (path: string) => boolean,
): readonly WrittenPlace[] {
  const paths = [...writtenPaths(observation)];
  const sockets = new Set(
    needsOf(observation, "address").flatMap(({ need }) =>
      need.operation === "bind" && need.address.startsWith("/") ? [underRun(need.address)] : [],
    ),
  );
  const made = new Set(madeDirectories(observation));
  const all = [...new Set([...paths, ...sockets])].sort();
  const places = new Map<string, WrittenPlace>();
  for (const path of all) {
    const holds = (at: string): boolean => made.has(at) || all.some((other) => other !== at && isWithin(other, at));
    const place = placeOf(path, { isDirectory, holds, sockets });
    if (place !== undefined) {
      places.set(place.path, place);
    }
  }
  const directories = [...places.values()].filter(({ kind }) => kind === "directory");
  const within = ({ path }: WrittenPlace): boolean =>
    directories.some((other) => other.path !== path && isWithin(path, other.path));
  return [...places.values()].filter((place) => place.kind !== "directory" || !within(place));
}

/** Whether a service keeps files where others could see them after it has ended. */
export function keepsFiles(places: readonly WrittenPlace[]): boolean {
  return places.some((place) => place.kind === "elsewhere" || place.of !== "RuntimeDirectory");
}

function writtenPaths(observation: Observation): ReadonlySet<string> {
  const writes = needsOf(observation, "path").filter(({ need }) =>
    ["write", "create", "remove", "change"].includes(need.access),
  );
  return new Set(writes.map(({ need }) => underRun(need.path)));
}

function madeDirectories(observation: Observation): readonly string[] {
  return needsOf(observation, "path")
    .filter(({ need, seen }) => need.access === "create" && /^mkdir/.test(callOf(seen.action)?.name ?? ""))
    .map(({ need }) => underRun(need.path));
}

/** What is known of paths. */
interface Known {
  /** Whether it was a directory before the service started. */
  readonly isDirectory: (path: string) => boolean;
  /** Whether the service made it a directory, or made something in it. */
  readonly holds: (path: string) => boolean;
  readonly sockets: ReadonlySet<string>;
}

/** Of a file that lies deeper the directory in which it was seen to write: what lies beside that is not its business. */
function placeOf(path: string, { isDirectory, holds, sockets }: Known): WrittenPlace | undefined {
  if ([...ANYONE, ...SHARED].some((other) => isWithin(path, other))) {
    return undefined;
  }
  const of = KINDS.find((kind) => path !== DIRECTORY_PARENTS[kind] && isWithin(path, DIRECTORY_PARENTS[kind]));
  if (of === undefined) {
    return { kind: "elsewhere", path };
  }
  const parent = DIRECTORY_PARENTS[of];
  const [name = ""] = path.slice(parent.length + 1).split("/");
  const top = `${parent}/${name}`;
  if (top !== path) {
    const own = isDirectory(path) ? path : directoryOf(path);
    return { kind: "directory", of, name: own.slice(parent.length + 1), path: own };
  }
  if (isDirectory(top) || holds(top)) {
    return { kind: "directory", of, name, path: top };
  }
  return { kind: "loose", of, path, what: sockets.has(path) ? "socket" : "file" };
}
