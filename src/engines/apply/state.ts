/**
 * What `apply` must remember to undo itself, below /var/lib/cloison/UNIT: `original` is what Cloison found when it first
 * touched the unit, `former` what was there before the installation in progress. A missing drop-in is remembered as the
 * absence of the file. Everything is written beside its place and renamed.
 */
import { copyFile, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { exists } from "../../linux/exists.ts";
import { SystemError } from "../../linux/system-error.ts";
import { dropInPath } from "../life/drop-in.ts";

/** Where everything of one unit stands. */
export interface Places {
  readonly unit: string;
  readonly dropInDirectory: string;
  readonly dropIn: string;
  readonly memory: string;
  readonly former: string;
  readonly original: string;
  /** Exists from the first installation until undo. */
  readonly touched: string;
}

/** The places of a unit; its name is checked, since it becomes part of paths and of a shell command. */
export function placesOf(unit: string): Places {
  if (!/^[A-Za-z0-9:_.@\\-]+\.service$/.test(unit)) {
    throw new SystemError("apply", { path: unit, reason: "this is no name of a service unit" });
  }
  const dropIn = dropInPath(unit);
  const memory = `/var/lib/cloison/${unit}`;
  return {
    unit,
    dropInDirectory: dirname(dropIn),
    dropIn,
    memory,
    former: `${memory}/former.conf`,
    original: `${memory}/original.conf`,
    touched: `${memory}/touched`,
  };
}

/** Remembers the state before an installation. */
export async function remember(places: Places): Promise<void> {
  await mkdir(places.memory, { recursive: true, mode: 0o700 });
  await rm(places.former, { force: true });
  if (await exists(places.dropIn)) {
    await copy(places.dropIn, places.former);
  }
  if (!(await exists(places.touched))) {
    await rm(places.original, { force: true });
    if (await exists(places.dropIn)) {
      await copy(places.dropIn, places.original);
    }
    await writeDurably(places.touched, new Uint8Array());
  }
}

/** Writes a file beside its place, makes it durable, and renames it: old or new, never between. */
export async function writeDurably(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.cloison-new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx", mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

async function copy(from: string, to: string): Promise<void> {
  const temporary = `${to}.cloison-new`;
  await copyFile(from, temporary);
  await rename(temporary, to);
}
