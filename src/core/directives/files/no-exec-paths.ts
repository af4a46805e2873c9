/** NoExecPaths=. Facts: systemd.exec(5); which mode wins where paths meet, measured on systemd 257. */
import { isWithin } from "../../kernel/path.ts";
import { ON_A_FILE, type PathList, pathDirective } from "../_paths.ts";
import type { Candidate, Directive, Situation } from "../directive.ts";
import { dynamicUser } from "../identity/dynamic-user.ts";
import { needsOf } from "../seen.ts";
import { managersParts } from "./_managers-directory.ts";
import { alwaysWritable, openPlaces, runPaths, runPlaces, SHARED_MEMORY } from "./_runs.ts";
import { changes, optionalEntries } from "./_writes.ts";
import { bindPaths } from "./bind-paths.ts";

const ROOT: PathList = [{ path: "/", optional: false, rooted: false }];

/** What has an entry of its own beside ProtectSystem=strict, where a noexec / ends. */
const DEVICES = "/dev";
const HOMES = ["/home", "/root", "/run/user"];

/**
 * Those of them that the service was seen to write to, so that ProtectHome= leaves them open. The others must not be named: of two mounts
 * on one path systemd forgets the empty file system of ProtectHome=tmpfs.
 */
function mountedApart({ observation }: Situation): readonly string[] {
  const changed = needsOf(observation, "path").filter(({ need }) => changes(need));
  const isOpen = (home: string) => changed.some(({ need }) => isWithin(need.path, home));
  return [DEVICES, ...HOMES.filter(isOpen)];
}

/** What the unit itself brings from elsewhere, where a noexec / ends as well. */
function brought({ unit }: Situation): readonly string[] {
  const hidden = unit.valueOf(dynamicUser)
    ? unit.directories.map((path) => path.replace(/^\/(run|var\/\w+)\//, "/$1/private/"))
    : [];
  return [...unit.valueOf(bindPaths).map(({ target }) => target), ...hidden];
}

/**
 * The places, and the same without shared memory: a file system of its own there would be forgotten where it is named, and is noexec
 * itself.
 */
function withAndWithoutMemory(places: readonly string[]): readonly PathList[] {
  const others = places.filter((place) => place !== SHARED_MEMORY);
  return [places, ...(others.length < places.length ? [others] : [])].map(optionalEntries);
}

/**
 * The whole tree but for the directories of what is run; every place that the service may write to is named once more, for each has an
 * entry of its own, where the tree's noexec ends. Else only those places: what is written is not run. A path named here is taken out of a
 * read-only tree above it, so a place that is not writable anyway must not be named.
 */
function candidates(situation: Situation): readonly Candidate<PathList>[] {
  const written = openPlaces(situation);
  // What ReadOnlyPaths= or ProtectSystem=strict takes out of /run would be taken out of its noexec as well.
  const managers = written.includes("/run") ? [...managersParts(situation), "/run/user"] : [];
  const run = runPaths(situation);
  const shut = (all: readonly string[]) =>
    withAndWithoutMemory(all.filter((place) => place !== "/" && !run.some((path) => isWithin(path, place))));
  const places = [...alwaysWritable(situation), ...managers];
  const loose = shut(places).map((value) => ({
    value,
    reason: "was not seen to run or load anything from where it can write",
  }));
  const runs = runPlaces(situation);
  if (runs === undefined) {
    return loose;
  }
  const reason = `was not seen to run or load anything but from ${runs.join(", ")}`;
  const whole = shut([...places, ...mountedApart(situation), ...brought(situation)]).map((value) => ({
    value: [...ROOT, ...value],
    reason,
  }));
  return [...whole, ...loose];
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
  ineffective: [
    "An interpreter outside still runs a script from there when the script is its argument.",
    "It ends at every place that another setting names or brings: a private /tmp, ReadWritePaths=, state directories, TemporaryFileSystem=, BindPaths= stay executable unless they are named here, too.",
    ON_A_FILE,
  ],
  mode: { kind: "no-exec" },
  ladder: candidates,
  samples: ["/var /tmp", "/"],
});
