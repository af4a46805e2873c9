/**
 * What `apply` changes on disk for a service that gets a user of its own, and how it is taken back: what was there is remembered, for
 * good, before anything is changed. Files of the machine's packages are changed by a line, and put back byte by byte.
 * Facts: chown(2), systemd-sysusers(8), systemd-tmpfiles(8), userdel(8).
 */
import { readFile } from "node:fs/promises";
import { flag, integer, list, object, oneOf, readDocument, text } from "../../core/json/decode.ts";
import { type DiskChange, makerOf } from "../../core/own-user/own-user.ts";
import { type Accounts, accountOf, readAccounts } from "../../linux/accounts.ts";
import { describeFailure, runChecked, runCommand } from "../../linux/spawn.ts";
import { SystemError } from "../../linux/system-error.ts";
import { unfollowed } from "../../linux/unfollowed.ts";
import { changedLine } from "../life/disk-changes.ts";
import { contentOf, removeDurably, writeDurably } from "./durable.ts";
import type { Places } from "./places.ts";

const SCHEMA = "cloison.disk/1";

/** Owner and mode of something as it was found, and the owner that it was given. */
interface FormerOwner {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly given: number;
}

/** A file as it was found; `there`: false if there was none. `now`: as Cloison left it. */
interface FormerFile {
  readonly path: string;
  readonly there: boolean;
  readonly content: string;
  readonly mode: number;
  readonly now: string;
}

/** All that must be known to take it back. */
export interface DiskRecord {
  readonly schema: typeof SCHEMA;
  /** SHA-256 of the drop-in that it is for. */
  readonly dropIn: string;
  readonly owners: readonly FormerOwner[];
  readonly files: readonly FormerFile[];
  /** Accounts that were not there. */
  readonly users: readonly string[];
}

const LARGEST_ID = 0xffff_fffe;
const id = integer(0, LARGEST_ID);

const document = object<DiskRecord>({
  schema: oneOf(SCHEMA),
  dropIn: text,
  owners: list(object<FormerOwner>({ path: text, uid: id, gid: id, mode: integer(0, 0o7777), given: id })),
  files: list(object<FormerFile>({ path: text, there: flag, content: text, mode: integer(0, 0o7777), now: text })),
  users: list(text),
});

/** What is remembered; undefined if nothing was changed. Throws a SystemError for a record that cannot be read. */
export async function readDisk(places: Places): Promise<DiskRecord | undefined> {
  const bytes = await contentOf(places.disk);
  if (bytes === undefined) {
    return undefined;
  }
  const help = `put back by hand what it says, and remove ${places.disk}`;
  const form = {
    name: "record",
    writer: "cloison apply",
    help,
    versions: [{ schema: SCHEMA, decode: document }],
  } as const;
  const parsed = readDocument(bytes.toString("utf8"), places.disk, form);
  if (parsed.ok) {
    return parsed.value;
  }
  throw new SystemError("read", {
    path: places.disk,
    reason: parsed.diagnostics[0]?.message ?? "not understood",
    help,
  });
}

/** Remembers what is there, then changes it. Throws a SystemError, with everything put back, if something cannot be changed. */
export async function changeDisk(places: Places, changes: readonly DiskChange[], dropIn: string): Promise<void> {
  const ofAccounts = changes.filter((change) => change.kind === "file" && change.for === "sysusers");
  const before = await readAccounts();
  const users = ofAccounts.flatMap((change) => (change.kind === "file" ? newUsers(change.content, before) : []));
  const files = await Promise.all(changes.filter((change) => change.kind !== "owner").map(formerFile));
  await remember(places, { schema: SCHEMA, dropIn, owners: [], files: mergedFiles(files), users });
  try {
    for (const change of ofAccounts) {
      await writeFor(change, files);
    }
    const accounts = await readAccounts();
    const owners = formerOwners(changes, accounts);
    await remember(places, { schema: SCHEMA, dropIn, owners, files: mergedFiles(files), users });
    for (const { path, given } of owners) {
      give(path, given, changes, accounts);
    }
    for (const change of changes.filter((each) => !ofAccounts.includes(each))) {
      await writeFor(change, files);
    }
  } catch (error) {
    await restoreDisk(places, () => {});
    await forgetAccounts(places, () => {});
    throw error;
  }
}

function remember(places: Places, record: DiskRecord): Promise<void> {
  return writeDurably(places.disk, `${JSON.stringify(record, undefined, 2)}\n`);
}

/** The names of a sysusers.d file that nobody has yet. */
function newUsers(content: string, accounts: Accounts): readonly string[] {
  const names = [...content.matchAll(/^u (\S+)/gm)].map(([, name = ""]) => name);
  return names.filter((name) => !accounts.users.some((user) => user.name === name));
}

async function formerFile(change: Exclude<DiskChange, { readonly kind: "owner" }>): Promise<FormerFile> {
  const found = await contentOf(change.path);
  const content = found?.toString("utf8") ?? "";
  const mode = unfollowed(change.path, ({ stats }) => stats.mode & 0o7777) ?? 0o644;
  if (change.kind === "line" && found === undefined) {
    throw new SystemError("change", { path: change.path, reason: "it is gone", help: "run cloison harden again" });
  }
  const now = change.kind === "file" ? change.content : changedLine(content, change);
  return { path: change.path, there: found !== undefined, content, mode, now };
}

/** Several lines of one file are one change of it. */
function mergedFiles(files: readonly FormerFile[]): readonly FormerFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

async function writeFor(change: DiskChange, files: readonly FormerFile[]): Promise<void> {
  const file = files.findLast(({ path }) => path === change.path);
  if (change.kind === "owner" || file === undefined) {
    return;
  }
  await writeDurably(change.path, file.now, file.mode);
  if (change.kind === "file") {
    await runChecked(makerOf(change));
  }
}

function formerOwners(changes: readonly DiskChange[], accounts: Accounts): readonly FormerOwner[] {
  return changes.flatMap((change) => {
    if (change.kind !== "owner") {
      return [];
    }
    const given = accountOf(accounts, change.user)?.uid;
    if (given === undefined) {
      throw new SystemError("change", {
        path: change.path,
        reason: `there is no user ${change.user}`,
        help: "make it first",
      });
    }
    const found = unfollowed(change.path, ({ stats }) => {
      if (stats.isFile() && stats.nlink > 1) {
        const reason = "it has another name, which may be elsewhere";
        throw new SystemError("change", { path: change.path, reason, help: "see find -samefile" });
      }
      return { path: change.path, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777, given };
    });
    return found === undefined ? [] : [found];
  });
}

function give(path: string, uid: number, changes: readonly DiskChange[], accounts: Accounts): void {
  const change = changes.find((each) => each.kind === "owner" && each.path === path);
  const group = change?.kind === "owner" ? change.group : undefined;
  unfollowed(path, ({ stats, chown, chmod }) => {
    chown(uid, accounts.groups.find(({ name }) => name === group)?.gid ?? stats.gid);
    chmod(stats.mode & 0o7777);
  });
}

/**
 * Puts owners and files back; says what somebody changed meanwhile, and leaves that. Accounts are left to `forgetAccounts`, since the
 * service may still run as one of them.
 */
export async function restoreDisk(places: Places, say: (step: string) => void): Promise<void> {
  const record = await readDisk(places);
  if (record === undefined) {
    return;
  }
  say("putting back owners and files");
  for (const owner of record.owners.toReversed()) {
    restoreOwner(owner, say);
  }
  for (const file of record.files) {
    await restoreFile(file, say);
  }
  await remember(places, { ...record, owners: [], files: [] });
}

function restoreOwner({ path, uid, gid, mode, given }: FormerOwner, say: (step: string) => void): void {
  unfollowed(path, ({ stats, chown, chmod }) => {
    if (stats.uid === given || stats.uid === uid) {
      chown(uid, gid);
      chmod(mode);
    } else {
      say(`${path} belongs to somebody else by now: it is left`);
    }
  });
}

async function restoreFile(
  { path, there, content, mode, now }: FormerFile,
  say: (step: string) => void,
): Promise<void> {
  const found = await readFile(path, "utf8").catch(() => undefined);
  if (found === now) {
    await (there ? writeDurably(path, content, mode) : removeDurably(path));
  } else if (found !== undefined && found !== content) {
    say(`${path} was changed meanwhile: it is left`);
  }
}

/** Accounts that were made for the service go with it, unless somebody uses them; with that all is forgotten. */
export async function forgetAccounts(places: Places, say: (step: string) => void): Promise<void> {
  for (const user of (await readDisk(places))?.users ?? []) {
    const known = await runCommand(["getent", "passwd", user]);
    const removed = known.status === 0 ? await runCommand(["userdel", "--", user]) : undefined;
    if (removed !== undefined && removed.status !== 0) {
      say(`the user ${user} is left: ${describeFailure(removed)}`);
    }
  }
  await removeDurably(places.disk);
}
