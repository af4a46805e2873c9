/** From what a service did as root to what it would need as a user of its own. Facts: capabilities(7), tmpfiles.d(5), sysusers.d(5). */
import type { Observation } from "../action/action.ts";
import { startsAsRoot } from "../directives/prefixes.ts";
import { needsOf } from "../directives/seen.ts";
import { CAPABILITIES, type Capability } from "../kernel/capability.ts";
import { directoryOf, isWithin, underRun } from "../kernel/path.ts";
import { mainPrivilege } from "../unit/check.ts";
import { DIRECTORY_PARENTS } from "../unit/places.ts";
import { lastOf, type Unit, valuesOf } from "../unit/unit.ts";
import { type FilesSeen, type Getter, type Given, giveDirectories, joined } from "./directories.ts";
import { type KnownAccounts, ownerFor } from "./identity.ts";
import { isOrExtends, movedInUnit } from "./moved.ts";
import type { DiskChange, Owner, OwnLine, OwnUserPlan, Unplaced } from "./own-user.ts";
import { keepsFiles, placesWritten, type WrittenPlace } from "./writes.ts";

/** What a plan is made from. */
export interface OwnUserInput {
  /** Of the service as root, with the capabilities that it turned out to need. */
  readonly observation: Observation;
  readonly unit: Unit;
  readonly accounts: KnownAccounts;
  readonly asked: string | undefined;
  readonly files: FilesSeen;
}

/**
 * What only root needs: to become another user, and to get at files in spite of owner and mode. With files of its own a service needs
 * none of it.
 */
const ROOTS_OWN: ReadonlySet<Capability> = new Set<Capability>([
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
]);

/** Programs and settings of the machine: a service that changed them as root is not given them. */
const THE_MACHINES = ["/usr", "/bin", "/sbin", "/lib", "/boot", "/home", "/root"];

/** The plan. Whether it works, only a rehearsal tells. */
export function planOwnUser(input: OwnUserInput): OwnUserPlan {
  const { observation, unit, files } = input;
  const stem = stemOf(unit);
  const places = placesWritten(observation, (path) => files.facts(path)?.type === "directory");
  const owner = ownerFor({ ...input, stem, keepsFiles: keepsFiles(places) });
  const getter = getterOf(owner, input.accounts);
  const directories = places.filter((place) => place.kind === "directory");
  const given = giveDirectories(directories, files, getter);
  const loose = looseFiles(places, unit, runDirectoryOf(directories, stem), getter, files, given);
  const others = elsewhere(places, files, getter);
  const ambient = ambientOf(observation);
  const changes = [...sysusersOf(owner, unit, stem), ...given.changes, ...loose.changes, ...others.changes];
  return {
    owner,
    lines: [...identityLines(owner), ...ambientLines(ambient), ...merged([...given.lines, ...loose.lines])],
    changes: withTmpfiles(changes, loose.tmpfiles, stem),
    ambient,
    unplaced: [...given.unplaced, ...loose.unplaced, ...others.unplaced, ...unreadable(observation, getter)],
  };
}

function getterOf(owner: Owner, accounts: KnownAccounts): Getter {
  const groupName = (gid: number): string => accounts.groups.find((each) => each.gid === gid)?.name ?? String(gid);
  switch (owner.kind) {
    case "existing":
      return { ...owner, groupName };
    case "new":
      return { ...owner, uid: undefined, gid: undefined, groupName };
    case "dynamic":
      return { user: "", group: "", uid: undefined, gid: undefined, groupName };
  }
}

function identityLines(owner: Owner): readonly OwnLine[] {
  if (owner.kind === "dynamic") {
    return [
      {
        name: "DynamicUser",
        values: ["yes"],
        reason: "a user that is there only while the service runs: it keeps nothing",
      },
    ];
  }
  const reason =
    owner.kind === "new" ? "a user of its own, which sysusers.d makes" : "a user of its own from the start";
  return [
    { name: "User", values: [owner.user], reason },
    { name: "Group", values: [owner.group], reason: "its group" },
  ];
}

/** Which capabilities remain needed. */
export function ambientOf(observation: Observation): readonly Capability[] {
  const needed = new Set(needsOf(observation, "capability").map(({ need }) => need.capability));
  return CAPABILITIES.filter((capability) => needed.has(capability) && !ROOTS_OWN.has(capability));
}

/** The line that keeps capabilities without root; none where there are none. */
export function ambientLines(ambient: readonly Capability[]): readonly OwnLine[] {
  const reason = "was seen to need it, and is not root";
  return ambient.length === 0 ? [] : [{ name: "AmbientCapabilities", values: [ambient.join(" ")], reason }];
}

/** Lines of one name that adds up are one line. */
function merged(lines: readonly OwnLine[]): readonly OwnLine[] {
  const adds = (name: string): boolean => Object.hasOwn(DIRECTORY_PARENTS, name);
  const names = [...new Set(lines.map(({ name }) => name))];
  return names.flatMap((name) => {
    const own = lines.filter((line) => line.name === name);
    if (!adds(name)) {
      return own.slice(0, 1);
    }
    const words = [...new Set(own.flatMap(({ values }) => values).flatMap((value) => value.split(" ")))];
    return [{ name, values: [words.join(" ")], reason: [...new Set(own.map(({ reason }) => reason))].join("; ") }];
  });
}

/** The name below /run that files are moved to: a directory that the service uses already, or one of its name. */
function runDirectoryOf(places: readonly Extract<WrittenPlace, { kind: "directory" }>[], stem: string): string {
  const own = places.filter(({ of }) => of === "RuntimeDirectory");
  return own.find(({ name }) => name === stem)?.name ?? own[0]?.name ?? stem;
}

interface Loose extends Given {
  /** Lines of tmpfiles.d. */
  readonly tmpfiles: readonly string[];
}

type LoosePlace = Extract<WrittenPlace, { readonly kind: "loose" }>;

/** Files in the parents themselves: moved where the unit names them, else made for the user before the service starts. */
function looseFiles(
  places: readonly WrittenPlace[],
  unit: Unit,
  runDirectory: string,
  getter: Getter,
  files: FilesSeen,
  given: Given,
): Loose {
  const loose = places.filter((place) => place.kind === "loose");
  const inRun = loose.filter(({ of }) => of === "RuntimeDirectory").map(({ path }) => path);
  const moved = movedInUnit(unit, inRun, `/run/${runDirectory}`);
  const isMoved = (path: string): boolean => moved.paths.some((each) => isOrExtends(path, each));
  const lines = [...moved.lines];
  if (moved.paths.length > 0 && !given.lines.some(({ name }) => name === "RuntimeDirectory")) {
    const reason = `${moved.paths.join(" and ")} moved there`;
    lines.push({ name: "RuntimeDirectory", values: [runDirectory], reason });
  }
  const left = loose.filter(({ path }) => !isMoved(path)).map((place) => looseFile(place, files, getter));
  const tmpfiles = left.flatMap((each) => each.tmpfiles);
  return {
    ...joined([{ lines: [...lines, ...remakePidFile(unit, tmpfiles)], changes: [], unplaced: [] }, ...left]),
    tmpfiles,
  };
}

/**
 * systemd removes the file of PIDFile= whenever the service has stopped (service_enter_dead in its src/core/service.c), so that one
 * which only root can make is made again before each start: by systemd's own program, from a file of root's, in a directory of root's.
 */
function remakePidFile(unit: Unit, tmpfiles: readonly string[]): readonly OwnLine[] {
  const pidFile = underRun(lastOf(unit, "Service", "PIDFile")?.value ?? "");
  if (!tmpfiles.some((line) => line.split(" ")[1] === pidFile)) {
    return [];
  }
  const before = valuesOf(unit, "ExecStartPre");
  const first = `+/usr/bin/systemd-tmpfiles --create ${tmpfilesPath(stemOf(unit))}`;
  const reason = `systemd removes ${pidFile} at each stop, and only root can make it again: this names nothing that the service can change`;
  return [{ name: "ExecStartPre", values: ["", first, ...before], reason }];
}

/** One file that stays where it is. */
function looseFile({ path, what, of }: LoosePlace, files: FilesSeen, { user, group, uid }: Getter): Loose {
  const nothing: Loose = { lines: [], changes: [], unplaced: [], tmpfiles: [] };
  const facts = files.facts(path);
  if (facts !== undefined && facts.uid === uid) {
    return nothing;
  }
  if (user !== "" && facts === undefined && what === "file") {
    return { ...nothing, tmpfiles: [`f ${path} ${of === "LogsDirectory" ? "0640" : "0644"} ${user} ${group}`] };
  }
  if (user !== "" && facts?.uid === 0 && facts.type === "file") {
    return { ...nothing, changes: [{ kind: "owner", path, user }] };
  }
  const why = what === "socket" ? `only root makes sockets in ${DIRECTORY_PARENTS[of]}` : "it is not root's to give";
  return { ...nothing, unplaced: [{ path, why }] };
}

/** Other places: what is there and root's changes its owner. */
function elsewhere(places: readonly WrittenPlace[], files: FilesSeen, { user, uid }: Getter): Given {
  const found = places
    .filter((place) => place.kind === "elsewhere" && !THE_MACHINES.some((other) => isWithin(place.path, other)))
    .map(({ path }): Given => {
      const facts = files.facts(path);
      const lines: readonly OwnLine[] = [];
      if (facts !== undefined && facts.uid === 0 && user !== "") {
        return { lines, changes: [{ kind: "owner", path, user }], unplaced: [] };
      }
      const holds = files.facts(directoryOf(path));
      const free =
        facts?.uid === uid || (facts === undefined && (holds?.uid === uid || ((holds?.mode ?? 0) & 0o1002) !== 0));
      return {
        lines,
        changes: [],
        unplaced: free ? [] : [{ path, why: "it would have to belong to the service's user" }],
      };
    });
  return joined(found);
}

/** What it read that its user may not read. */
function unreadable(observation: Observation, { uid, gid }: Getter): readonly Unplaced[] {
  const closed = needsOf(observation, "path").filter(({ need: { access, file } }) => {
    if (access !== "read" || file === undefined || file.type !== "file" || file.uid === uid) {
      return false;
    }
    return (file.mode & 0o004) === 0 && !(file.gid === gid && (file.mode & 0o040) !== 0);
  });
  return [...new Set(closed.map(({ need }) => need.path))].map((path) => ({
    path,
    why: "its mode keeps it from the service's user",
  }));
}

/** The unit's name without its suffix and instance. */
export function stemOf(unit: Unit): string {
  return unit.name.name.replace(/(@.*)?\.service$/, "");
}

function tmpfilesPath(stem: string): string {
  return `/etc/tmpfiles.d/cloison-${stem}.conf`;
}

function sysusersOf(owner: Owner, unit: Unit, stem: string): readonly DiskChange[] {
  if (owner.kind !== "new") {
    return [];
  }
  const content = `# Made by cloison for ${unit.name.name}.\nu ${owner.user} - "${unit.name.name}" - -\n`;
  return [{ kind: "file", path: `/etc/sysusers.d/cloison-${stem}.conf`, content, for: "sysusers" }];
}

function withTmpfiles(changes: readonly DiskChange[], lines: readonly string[], stem: string): readonly DiskChange[] {
  if (lines.length === 0) {
    return changes;
  }
  const content = `# Made by cloison: files in directories where only root makes any.\n${lines.join("\n")}\n`;
  return [...changes, { kind: "file", path: tmpfilesPath(stem), content, for: "tmpfiles" }];
}

/** Whether the main command runs as root whatever User= says. */
export function ignoresUser(unit: Unit): boolean {
  return startsAsRoot(mainPrivilege(unit));
}
