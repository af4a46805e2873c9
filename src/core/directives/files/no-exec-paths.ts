/** NoExecPaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { isWithin } from "../../kernel/path.ts";
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { needsOf } from "../seen.ts";
import { managersParts } from "./_managers-directory.ts";
import { optionalEntries, writtenPlaces } from "./_writes.ts";
import { readWritePaths } from "./read-write-paths.ts";

/** Written to by everybody, unless PrivateTmp= gives other directories. */
const SHARED_MEMORY = "/dev/shm";
const ALWAYS = ["/tmp", "/var/tmp", SHARED_MEMORY];

/**
 * Only places that the service may write to: what is written is not run. A path named here is taken out of a read-only
 * tree above it, so a place that is not writable anyway must not be named.
 */
function candidates(situation: Situation): readonly Candidate<PathList>[] {
  const { unit, observation } = situation;
  const run = [
    ...unit.executables,
    ...needsOf(observation, "path").flatMap(({ need }) => (need.access === "execute" ? [need.path] : [])),
  ];
  const own = unit.valueOf(readWritePaths).map(({ path }) => path);
  const written = own.length > 0 ? own : writtenPlaces(situation);
  // What ReadOnlyPaths= or ProtectSystem=strict takes out of /run would be taken out of its noexec as well.
  const apart = written.includes("/run") ? [...managersParts(situation), "/run/user"] : [];
  const places = [...ALWAYS, ...unit.directories, ...written, ...apart].filter(
    (place) => place !== "/" && !run.some((path) => isWithin(path, place)),
  );
  // A file system of its own in /dev/shm would be forgotten where the same path is named here: it is noexec itself.
  const others = places.filter((place) => place !== SHARED_MEMORY);
  return [places, ...(others.length < places.length ? [others] : [])].map((value) => ({
    value: optionalEntries(value),
    reason: "was not seen to run or load anything from where it can write",
  }));
}

/** Where files are data, they are not run. */
export const noExecPaths: Directive<PathList> = pathDirective({
  name: "NoExecPaths",
  since: 248,
  group: "files",
  summary: "Nothing below these paths can be run or loaded as a library.",
  breaks: "Programs, plug-ins and scripts that lie there.",
  implies: (value) => (value.length === 0 ? [] : ["PrivateMounts=yes"]),
  requires: [],
  ineffective: ["An interpreter outside still runs a script from there when the script is its argument.", ON_A_FILE],
  mode: { kind: "no-exec" },
  ladder: candidates,
  samples: ["/var /tmp", "/"],
});
