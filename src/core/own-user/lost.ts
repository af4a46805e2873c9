/**
 * What a service did as root and does not do as its own user. Some helpers are refused without a word, and the unit
 * does not check how they ended: so what they wrote is compared as well. What systemd makes in their place is not lost.
 */
import { callOf, type Observation } from "../action/action.ts";
import { needsOf } from "../directives/seen.ts";
import { isWithin, underRun } from "../kernel/path.ts";
import { looksRandom } from "../synthesis/names.ts";
import { regressions } from "../synthesis/regression.ts";
import { DIRECTORY_PARENTS, type DirectoryKind } from "../unit/places.ts";
import type { OwnLine } from "./own-user.ts";

/** Which calls become another user, or give a file to one: without root they fail, and nothing is lost but that. */
const OF_ROOT = /^(l?chown|fchown(at)?|set(res|re)?[ug]id|setgroups|setfs[ug]id|cap(set|get)|prctl|setsockopt)$/;

/** What worked as root and is refused as the user. */
export function noLongerAllowed(before: Observation, after: Observation): ReturnType<typeof regressions> {
  return regressions(before, after).filter(({ action }) => !OF_ROOT.test(callOf(action)?.name ?? ""));
}

/** The programs that did something under the workload; all others are helpers. */
export function workloadPrograms({ seen }: Observation): ReadonlySet<string> {
  return new Set(seen.filter(({ phases }) => phases.includes("workload")).flatMap(({ executables }) => executables));
}

const WRITES = ["write", "create", "remove"];

/** The paths that helpers alone wrote and that nobody writes any more, sorted. */
export function noLongerWritten(before: Observation, after: Observation, lines: readonly OwnLine[]): readonly string[] {
  const main = workloadPrograms(before);
  const made = lines.flatMap(({ name, values }) =>
    Object.hasOwn(DIRECTORY_PARENTS, name)
      ? values.flatMap((value) => value.split(" ")).map((word) => `${DIRECTORY_PARENTS[name as DirectoryKind]}/${word}`)
      : [],
  );
  const written = (observation: Observation, helpers: boolean): readonly string[] =>
    needsOf(observation, "path")
      .filter(({ need }) => WRITES.includes(need.access))
      .filter(({ seen }) => !helpers || !seen.executables.some((each) => main.has(each)))
      .map(({ need }) => underRun(need.path));
  const still = new Set(written(after, false));
  const gone = written(before, true).filter((path) => {
    const random = path.split("/").some(looksRandom);
    return !still.has(path) && !random && !made.includes(path);
  });
  return [...new Set(gone)].filter((path) => !isWithin(path, "/dev")).sort();
}
