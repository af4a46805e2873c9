/**
 * What a service's helpers wrote as root and do not write as its own user: some say nothing when they are refused, and are not asked
 * about it by the unit. What systemd makes in their place is not lost.
 */
import type { Observation } from "../action/action.ts";
import { needsOf } from "../directives/seen.ts";
import { isWithin, underRun } from "../kernel/path.ts";
import { looksRandom } from "../synthesis/names.ts";
import { DIRECTORY_PARENTS, type DirectoryKind } from "../unit/places.ts";
import type { OwnLine } from "./own-user.ts";

const WRITES = ["write", "create", "remove"];

/** The paths, sorted. A helper is a program that did nothing under the workload. */
export function noLongerWritten(before: Observation, after: Observation, lines: readonly OwnLine[]): readonly string[] {
  const workers = new Set(
    before.seen.filter(({ phases }) => phases.includes("workload")).flatMap(({ executables }) => executables),
  );
  const made = lines.flatMap(({ name, values }) =>
    Object.hasOwn(DIRECTORY_PARENTS, name)
      ? values.flatMap((value) => value.split(" ")).map((word) => `${DIRECTORY_PARENTS[name as DirectoryKind]}/${word}`)
      : [],
  );
  const written = (observation: Observation, helpers: boolean): readonly string[] =>
    needsOf(observation, "path")
      .filter(({ need }) => WRITES.includes(need.access))
      .filter(({ seen }) => !helpers || !seen.executables.some((each) => workers.has(each)))
      .map(({ need }) => underRun(need.path));
  const still = new Set(written(after, false));
  const gone = written(before, true).filter((path) => {
    const random = path.split("/").some(looksRandom);
    return !still.has(path) && !random && !made.some((directory) => path === directory);
  });
  return [...new Set(gone)].filter((path) => !isWithin(path, "/dev")).sort();
}
