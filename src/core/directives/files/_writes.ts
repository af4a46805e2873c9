/** Where a service was seen to write, as directories that a drop-in may name. */
import { directoryOf, isWithin, outermost } from "../../kernel/path.ts";
import { isWritablePath, type PathEntry, type PathList, uniteEntries } from "../_paths.ts";
import type { Situation } from "../directive.ts";
import { inWords, isOfMany, type NeedOf, needsOf } from "../seen.ts";

/** What ProtectSystem=strict leaves to ProtectHome=, PrivateDevices=, ProtectKernelTunables= and ProtectControlGroups=. */
export const LEFT_TO_OTHERS: readonly string[] = ["/proc", "/sys", "/dev", "-/home", "-/run/user", "-/root"];

/** Where ProtectSystem=strict builds no wall, no door is needed in it. */
const OPEN_ANYWAY = LEFT_TO_OTHERS.map((path) => path.replace(/^-/, ""));
const TEMPORARY = ["/tmp", "/var/tmp"];

/**
 * The place to open for one need. Where files come and go it is the directory; a file that is only written to stands
 * for its directory, because logs are rotated and files replaced, unless it is asked for exactly.
 */
function placeOf(need: NeedOf<"path">, exact: boolean): string {
  const directory = directoryOf(need.path);
  if (need.access === "create" || need.access === "remove") {
    return directory;
  }
  if (need.file?.type === "directory") {
    return need.path;
  }
  return exact || isOfMany(directory) ? need.path : directory;
}

/** Whether what is at a path is changed, or what is in the directory. */
export function changes(need: NeedOf<"path">): boolean {
  return need.access !== "read" && need.access !== "look" && need.access !== "execute";
}

/** A device node or a pipe is not written to as a file; read-only mounts let it be. */
function isFile(need: NeedOf<"path">): boolean {
  const type = need.file?.type;
  return need.access !== "write" || type === undefined || type === "file" || type === "directory";
}

/**
 * The directories that must stay writable beside those that the unit's own settings give, outermost only, sorted. The
 * common temporary directories are left to PrivateTmp= unless asked for.
 */
export function writtenPlaces(
  { observation, unit }: Situation,
  { temporary = false, exact = false }: { readonly temporary?: boolean; readonly exact?: boolean } = {},
): readonly string[] {
  const given = [...OPEN_ANYWAY, ...(temporary ? [] : TEMPORARY), ...unit.directories];
  const places = needsOf(observation, "path")
    .filter(({ need }) => changes(need) && isFile(need) && !given.some((place) => isWithin(need.path, place)))
    .map(({ need }) => placeOf(need, exact));
  // What cannot be written in a unit is opened by the nearest directory that can.
  const named = places.map((place) => {
    let at = place;
    while (!isWritablePath(at)) {
      at = directoryOf(at);
    }
    return at;
  });
  return outermost(named.sort());
}

/** The first thing seen that needs a directory writable, in words; undefined where nothing does. */
export function writerInWords({ observation }: Situation, place: string): string | undefined {
  const writes = needsOf(observation, "path").filter(({ need }) => changes(need) && isFile(need));
  const first = writes.find(({ need }) => isWithin(need.path, place));
  return first === undefined ? undefined : inWords(first.seen, first.need);
}

/** Paths as entries whose absence is no error. */
export function optionalEntries(paths: readonly string[]): PathList {
  return uniteEntries(paths.map((path): PathEntry => ({ path, optional: true, rooted: false })));
}
