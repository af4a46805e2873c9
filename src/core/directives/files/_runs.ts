/**
 * Where the programs and libraries lie that a service runs and loads: the directories, since an exception for a file ends once an upgrade
 * renames another one there. For a directory named after a version, the one above it is taken, or the next upgrade would end the
 * exception as well.
 */
import { directoryOf, isWithin, outermost, plainPath } from "../../kernel/path.ts";
import { isWritablePath } from "../_paths.ts";
import type { Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";
import { writtenPlaces } from "./_writes.ts";
import { readWritePaths } from "./read-write-paths.ts";

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

/** The places of the unit's own ReadWritePaths=; where it has none, those that the service was seen to write to. */
export function openPlaces(situation: Situation): readonly string[] {
  const own = situation.unit.valueOf(readWritePaths).map(({ path }) => path);
  return own.length > 0 ? own : writtenPlaces(situation);
}

/** Places where a service may write whatever else is shut: those of all, its own, and those that are opened to it. */
export function alwaysWritable(situation: Situation): readonly string[] {
  return [...TEMPORARY_PLACES, ...situation.unit.directories, ...openPlaces(situation)];
}

/**
 * The directories of all that is run, outermost only, but for what lies where the service writes; undefined where the rest cannot be shut
 * to execution: something is run from the top of the tree, the service has another root, or the unit says itself what may be executed.
 */
export function runPlaces(situation: Situation): readonly string[] | undefined {
  if (DECIDED.some((name) => situation.unit.setting(name) !== undefined)) {
    return undefined;
  }
  const writable = alwaysWritable(situation);
  const places = outermost(
    runPaths(situation)
      .filter((path) => !writable.some((place) => isWithin(path, place)))
      .map(lastingDirectory)
      .sort(),
  );
  return places.includes("/") || !places.every(isWritablePath) ? undefined : places;
}
