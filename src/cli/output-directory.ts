/**
 * Writes results where the user said: private to root, by rename, below a descriptor. A directory that somebody else could
 * exchange or change is refused before any long work (linux/trusted-place.ts).
 */
import { closeSync, constants, mkdtempSync, rmdirSync, type Stats, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { inputError } from "../core/diagnostic/input-error.ts";
import { readIn } from "../linux/beneath.ts";
import { SystemError } from "../linux/system-error.ts";
import { makeTrusted, openTrusted, type TrustedPlace } from "../linux/trusted-place.ts";

/** The drop-in among the results, and how each that Cloison writes begins. */
const DROP_IN = "hardening.conf";
const OURS = "# Made by cloison ";

/** Before long work: could results be written there? Leaves nothing. Throws InputError for a place that does not do, SystemError for one that takes none. */
export function checkOutputDirectory(directory: string): void {
  const there = statusOf(directory);
  if (there !== undefined && !there.isDirectory()) {
    throw inputError("usage", `--out: ${directory} is not a directory`, "name a directory, there or not");
  }
  const place = trustedOutput(directory);
  try {
    if (place.sticky && place.missing.length === 0) {
      const help = "name one of its own below it, there or not";
      throw inputError("usage", `--out: others can make files in ${directory}, too`, help);
    }
    refuseForeign(place, directory);
    checkWritable(place, directory);
  } finally {
    closeSync(place.descriptor);
  }
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
    throw inputError("usage", `--out: there is no directory ${directory}`, "create it first");
  }
  const place = trustedOutput(directory);
  try {
    checkWritable(place, directory);
  } finally {
    closeSync(place.descriptor);
  }
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function trustedOutput(directory: string): TrustedPlace {
  const place = openTrusted(directory);
  if ("descriptor" in place) {
    return place;
  }
  throw inputError("usage", `--out: ${place.path}: ${place.reason}`, place.help);
}

/** A drop-in of somebody else's may be the only copy of it. */
function refuseForeign(place: TrustedPlace, directory: string): void {
  if (place.missing.length > 0) {
    return;
  }
  const here = `/proc/self/fd/${place.descriptor}`;
  if (readIn(here, `/${DROP_IN}`, OURS.length)?.toString("latin1") === OURS) {
    return;
  }
  if (statusOf(`${here}/${DROP_IN}`) === undefined) {
    return;
  }
  const help = "move it away, or name another directory";
  throw inputError("usage", `--out: ${directory}/${DROP_IN} is there, and Cloison did not write it`, help);
}

function checkWritable({ descriptor }: TrustedPlace, directory: string): void {
  try {
    // Root may write anywhere by permission; only trying tells of read-only, full and odd file systems.
    rmdirSync(mkdtempSync(`/proc/self/fd/${descriptor}/.cloison-`));
  } catch (cause) {
    throw new SystemError("write in", { path: directory, cause, help: "name another place with --out" });
  }
}

/** Makes the directory (0700) if it is missing and writes each file in it, whole or not at all. */
export async function writeOutput(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  const place = trustedOutput(directory);
  let descriptor: number;
  try {
    descriptor = makeTrusted(place);
  } catch (cause) {
    throw new SystemError("make", { path: directory, cause });
  }
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeBelow(descriptor, name, `${directory}/${name}`, text);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Writes one file, mode 0600, by rename; a link at its place is replaced, not followed. */
export async function writeFileByRename(path: string, content: string | Uint8Array): Promise<void> {
  const { descriptor } = trustedOutput(dirname(resolve(path)));
  try {
    await writeBelow(descriptor, basename(path), path, content);
  } finally {
    closeSync(descriptor);
  }
}

async function writeBelow(
  descriptor: number,
  name: string,
  shown: string,
  content: string | Uint8Array,
): Promise<void> {
  const place = `/proc/self/fd/${descriptor}/${name}`;
  const temporary = `${place}.${process.pid}.new`;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(temporary, flags, 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    await rename(temporary, place);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SystemError("write", { path: shown, cause });
  }
}
