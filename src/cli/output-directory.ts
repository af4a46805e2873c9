/** Writes results where the user said: private to root, by rename, without following links. */
import { constants, mkdtempSync, rmdirSync, type Stats, statSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { inputError } from "../core/diagnostic/input-error.ts";
import { SystemError } from "../linux/system-error.ts";

/** Before long work: could results be written there? Leaves nothing. Throws InputError for a file, SystemError for a place that takes none. */
export function checkOutputDirectory(directory: string): void {
  const there = statusOf(directory);
  if (there !== undefined && !there.isDirectory()) {
    throw inputError("usage", `--out: ${directory} is not a directory`, "name a directory, there or not");
  }
  checkWritable(there === undefined ? nearestExisting(dirname(directory)) : directory);
}

/** The same for one file; undefined is standard output. */
export function checkOutputFile(path: string | undefined): void {
  if (path === undefined) {
    return;
  }
  if (statusOf(path)?.isDirectory() === true) {
    throw inputError("usage", `--out: ${path} is a directory`, "name the file to write");
  }
  const directory = dirname(resolve(path));
  if (statusOf(directory) === undefined) {
    throw inputError("usage", `--out: there is no directory ${directory}`, "make it first");
  }
  checkWritable(directory);
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function nearestExisting(path: string): string {
  return statusOf(path) === undefined && dirname(path) !== path ? nearestExisting(dirname(path)) : path;
}

function checkWritable(directory: string): void {
  try {
    // Root may write anywhere by permission; only trying tells of read-only, full and odd file systems.
    rmdirSync(mkdtempSync(join(directory, ".cloison-")));
  } catch (cause) {
    throw new SystemError("write in", { path: directory, cause, help: "name another place with --out" });
  }
}

/** Makes the directory (0700) if it is missing and writes each file in it, whole or not at all. */
export async function writeOutput(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new SystemError("make", { path: directory, cause });
  });
  for (const [name, text] of Object.entries(files)) {
    await writeFileByRename(join(directory, name), text);
  }
}

/** Writes one file, mode 0600, by rename; a link at its place is replaced, not followed. */
export async function writeFileByRename(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(temporary, flags, 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SystemError("write", { path, cause });
  }
}
