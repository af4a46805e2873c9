/** Writes results where the user said: private to root, by rename, without following links. */
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { SystemError } from "../linux/system-error.ts";

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
export async function writeFileByRename(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const file = await open(temporary, flags, 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new SystemError("write", { path, cause });
  }
}
