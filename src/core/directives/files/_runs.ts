/**
 * Where the programs and libraries lie that a service runs and loads: the directories, since an exception for a file ends once an upgrade
 * renames another one there. Of a directory that is named after a version the one above, or the next upgrade would end it as well.
 */
import { directoryOf, isWithin, outermost, plainPath } from "../../kernel/path.ts";
import { isWritablePath } from "../_paths.ts";
import type { Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";
import { writtenPlaces } from "./_writes.ts";

/** Memory in the form of files. */
export const SHARED_MEMORY = "/dev/shm";

/** Written to by everybody, unless PrivateTmp= gives other directories. */
const TEMPORARY_PLACES: readonly string[] = ["/tmp", "/var/tmp", SHARED_MEMORY];

/** `php/20240924`, `python3.13`, `releases/20260131`. */
const VERSION = /\d+\.\d+|\d{3,}/;

/** Settings with which the paths of the machine are not those of the service, or which say themselves what may be executed. */
const DECIDED = ["RootDirectory", "RootImage", "RootMStack", "NoExecPaths", "ExecPaths"];

/** Every program and library that is run or loaded, as paths of the machine. */
export function runPaths({ unit, observation }: Situation): readonly string[] {
  const own = unit.executables.map((path) => plainPath(unit.canonical?.(path) ?? path));
  const seen = needsOf(observation, "path").flatMap(({ need }) => (need.access === "execute" ? [need.path] : []));
  return [...own, ...seen];
}

function lastingDirectory(path: string): string {
  const parts = directoryOf(path).split("/").slice(1);
  const version = parts.findIndex((part) => VERSION.test(part));
  return `/${(version === -1 ? parts : parts.slice(0, version)).join("/")}`;
}

/** Places where a service may write whatever else is shut: its own, those of all, and those that it was seen to write to. */
export function writablePlaces(situation: Situation, own: readonly string[]): readonly string[] {
  const written = own.length > 0 ? own : writtenPlaces(situation);
  return [...TEMPORARY_PLACES, ...situation.unit.directories, ...written];
}

/**
 * The directories of all that is run, outermost only, but for what lies where the service writes; undefined where the rest cannot be shut
 * to execution: something is run from the top of the tree, the service has another root, or the unit says itself what may be executed.
 */
export function runPlaces(situation: Situation, own: readonly string[]): readonly string[] | undefined {
  if (DECIDED.some((name) => situation.unit.setting(name) !== undefined)) {
    return undefined;
  }
  const writable = writablePlaces(situation, own);
  const places = outermost(
    runPaths(situation)
      .filter((path) => !writable.some((place) => isWithin(path, place)))
      .map(lastingDirectory)
      .sort(),
  );
  return places.includes("/") || !places.every(isWritablePath) ? undefined : places;
}
