/** Files of root's that must be there after a power failure, whole or not at all. Facts: fsync(2), rename(2), open(2). */
import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { SystemError } from "../../linux/system-error.ts";

/** What is written beside a file before it is renamed to it. systemd ignores such a name, since it does not end in .conf. */
export const besides = (path: string): string => `${path}.cloison-new`;

/** Writes a file beside its place, makes it durable and renames it. A link at its place is replaced, not followed. */
export async function writeDurably(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  const temporary = besides(path);
  try {
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SystemError("write", { path, cause, ...help(cause) });
  }
}

/** Removes a file, if it is there, for good. */
export async function removeDurably(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") {
      throw new SystemError("remove", { path, cause });
    }
  }
}

/** Makes a directory of root's, if it is missing, and insists that nobody else may write in it. Its parent must be such. */
export async function ownDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode }).catch((cause: unknown) => {
    if (codeOf(cause) !== "EEXIST") {
      throw new SystemError("make", { path, cause, ...help(cause) });
    }
  });
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    const reason = "it must be a directory of root's, writable by nobody else";
    throw new SystemError("trust", { path, reason, help: "see who made it, and move it away" });
  }
}

/** The content of a plain file; undefined if nothing is there. What is not a regular file of root's is refused. */
export async function contentOf(path: string): Promise<Buffer | undefined> {
  const found = await entryOf(path);
  if (found === undefined) {
    return undefined;
  }
  if (!found.isFile() || found.uid !== 0) {
    const what = found.isSymbolicLink() ? "a symbolic link" : "not a regular file that belongs to root";
    const reason = `it is ${what}, so Cloison did not make it`;
    throw new SystemError("read", { path, reason, help: "see who made it, and move it away" });
  }
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function entryOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") {
      return undefined;
    }
    throw new SystemError("look at", { path, cause });
  });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

function help(cause: unknown): { help?: string } {
  switch (codeOf(cause)) {
    case "EROFS":
      return { help: "make the file system writable first" };
    case "ENOSPC":
    case "EDQUOT":
      return { help: "the disk is full: free some space" };
    default:
      return {};
  }
}
