/**
 * The directories of a service as settings, with the modes seen, and the owners that their content needs first. systemd gives a
 * directory and all in it to the service's user and group when the directory itself is not theirs; one that is theirs already it leaves
 * alone, so that only the directory changes its group here, and the logs in it stay readable for theirs. Facts: systemd.exec(5);
 * path_chown_recursive in systemd 257's src/shared/chown-recursive.c.
 */
import type { FileFacts } from "../action/action.ts";
import type { DirectoryKind } from "../unit/places.ts";
import { type LogOwner, type RotationFile, rotationChanges } from "./logrotate.ts";
import type { DiskChange, OwnLine, Unplaced } from "./own-user.ts";
import type { WrittenPlace } from "./writes.ts";

/** What is known of the machine's files before the service's first start. */
export interface FilesSeen {
  /** The file at a path, links followed; undefined if nothing is there. */
  readonly facts: (path: string) => FileFacts | undefined;
  /** All that lies below a directory. */
  readonly below: (path: string) => readonly { readonly path: string; readonly uid: number }[];
  readonly rotations: readonly RotationFile[];
}

/** Who gets them. `uid`, `gid`: undefined for an account that is still to be made. */
export interface Getter extends LogOwner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** The name of a group of the machine. */
  readonly groupName: (gid: number) => string;
}

/** What came of the places. */
export interface Given {
  readonly lines: readonly OwnLine[];
  readonly changes: readonly DiskChange[];
  readonly unplaced: readonly Unplaced[];
}

type DirectoryPlace = Extract<WrittenPlace, { readonly kind: "directory" }>;

const NOTHING: Given = { lines: [], changes: [], unplaced: [] };
const USUAL_MODE = 0o755;
/** A directory in which anyone may make files needs no other owner. */
const ANYONE_WRITES = 0o002;

/** Settings and owners of the directories. */
export function giveDirectories(places: readonly DirectoryPlace[], files: FilesSeen, getter: Getter): Given {
  const kinds = [...new Set(places.map(({ of }) => of))];
  return joined(
    kinds.map((kind) =>
      giveKind(
        kind,
        places.filter(({ of }) => of === kind),
        files,
        getter,
      ),
    ),
  );
}

/** Several results as one. */
export function joined(all: readonly Given[]): Given {
  return {
    lines: all.flatMap(({ lines }) => lines),
    changes: all.flatMap(({ changes }) => changes),
    unplaced: all.flatMap(({ unplaced }) => unplaced),
  };
}

/** All directories of a kind get one mode: one that has another than the first keeps it, and is only made writable. */
function giveKind(kind: DirectoryKind, places: readonly DirectoryPlace[], files: FilesSeen, getter: Getter): Given {
  const closed = places.filter(({ path }) => ((files.facts(path)?.mode ?? 0) & ANYONE_WRITES) === 0);
  const free = closed.filter(({ path }) => !isOthers(files.facts(path), getter));
  const taken = closed.filter((place) => !free.includes(place));
  const set = free.filter(({ path }) => kind !== "ConfigurationDirectory" && !needsItsGroup(files.facts(path), getter));
  const [first] = set;
  const mode = modeOf(first, files);
  const alike = set.filter((place) => modeOf(place, files) === mode);
  const other = free.filter((place) => !alike.includes(place));
  const there = alike.some(({ path }) => files.facts(path) !== undefined);
  const names = alike.map(({ name }) => name).join(" ");
  const reason = `was seen to write to ${alike.map(({ path }) => path).join(", ")}`;
  const lines: readonly OwnLine[] =
    first === undefined
      ? []
      : [
          { name: kind, values: [names], reason },
          ...(mode === USUAL_MODE
            ? []
            : [{ name: `${kind}Mode`, values: [octal(mode)], reason: "the mode that it has here" }]),
          ...(kind === "RuntimeDirectory" && there
            ? [
                {
                  name: "RuntimeDirectoryPreserve",
                  values: ["yes"],
                  reason: "others make it, too: it must not go when the service stops",
                },
              ]
            : []),
        ];
  return joined([
    { ...NOTHING, lines },
    ...alike.map((place) => ownersOf(place, files, getter, true)),
    ...other.map((place) => ownersOf(place, files, getter, false)),
    { ...NOTHING, unplaced: taken.map(({ path }) => ({ path, why: "it belongs to another user" })) },
  ]);
}

function modeOf(place: DirectoryPlace | undefined, files: FilesSeen): number {
  return (place === undefined ? undefined : files.facts(place.path)?.mode) ?? USUAL_MODE;
}

const octal = (mode: number): string => `0${mode.toString(8)}`;

function isOthers(facts: FileFacts | undefined, { uid }: Getter): boolean {
  return facts !== undefined && facts.uid !== 0 && facts.uid !== uid;
}

/** Whether its group may do there what others may not, and is neither root's nor the service's: it would lose that. */
function needsItsGroup(facts: FileFacts | undefined, { gid }: Getter): boolean {
  if (facts === undefined || facts.gid === 0 || facts.gid === gid) {
    return false;
  }
  return ((facts.mode >> 3) & 7 & ~(facts.mode & 7)) !== 0;
}

/** The directory and what is root's in it; `whole`: systemd gives it, so that its group must be the service's, too. */
function ownersOf({ of, path }: DirectoryPlace, files: FilesSeen, getter: Getter, whole: boolean): Given {
  const facts = files.facts(path);
  if (facts === undefined) {
    return NOTHING;
  }
  const { user, group, uid, gid } = getter;
  const regroup = whole && facts.gid !== gid;
  const own: readonly DiskChange[] =
    facts.uid === uid && !regroup ? [] : [{ kind: "owner", path, user, ...(regroup ? { group } : {}) }];
  // Of a configuration only what the service was seen to write is its own, and that is asked file by file.
  const inside = of === "ConfigurationDirectory" ? [] : files.below(path).filter((each) => each.uid === 0);
  const owners = inside.map((each): DiskChange => ({ kind: "owner", path: each.path, user }));
  const logGroup = facts.gid === 0 ? group : getter.groupName(facts.gid);
  const rotated = of === "LogsDirectory" ? rotationChanges(files.rotations, path, { user, group: logGroup }) : [];
  return { ...NOTHING, changes: [...own, ...owners, ...rotated] };
}
