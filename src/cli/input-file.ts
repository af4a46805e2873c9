/** Reads what the user named, with one clear message when it cannot be read. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { inputError } from "../core/diagnostic/input-error.ts";

/** A unit is read line by line by a person, too. */
export const LARGEST_UNIT: number = 1 << 20;
/** Some hundred thousand different actions; parsed at its most hostile, it needs about a gigabyte for some seconds. */
export const LARGEST_OBSERVATION: number = 32 << 20;

/** The text of a file. Throws InputError for a missing file, a directory, a device, or anything too large to be meant. */
export async function readInput(path: string, what: string, largest: number): Promise<string> {
  // Opening a pipe that nobody writes to would wait for ever, in a thread that cannot be interrupted.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === "ENOENT" ? "there is no such file" : error.code === "EACCES" ? "permission denied" : error.message;
    throw inputError("unreadable", `${path}: ${reason}`, `name ${what}`);
  });
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > largest) {
      const reason = status.isDirectory()
        ? "this is a directory"
        : status.isFile()
          ? "this file is too large"
          : "this is not a regular file";
      throw inputError("unreadable", `${path}: ${reason}`, `name ${what}`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
