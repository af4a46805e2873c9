/** A file that never has a name, so that the kernel frees it with the last reference, however its owner ends: open(2). */
import { constants, openSync, unlinkSync } from "node:fs";
import { SystemError } from "./system-error.ts";

/** open(2): O_TMPFILE is this bit with O_DIRECTORY. */
const TMPFILE_BIT = 0o20000000;

/** Opens a file without a name in `directory`; where O_TMPFILE is not to be had, one that is unlinked as soon as it is made. */
export function openUnnamed(directory: string, name: string, help?: string): number {
  try {
    return openSync(directory, TMPFILE_BIT | constants.O_DIRECTORY | constants.O_RDWR, 0o600);
  } catch (cause) {
    if (!isUnsupported(cause))
      throw new SystemError("make a file in", { path: directory, cause, ...(help === undefined ? {} : { help }) });
  }
  const path = `${directory}/${name}`;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = openSync(path, flags, 0o600);
  unlinkSync(path);
  return file;
}

function isUnsupported(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && ["EOPNOTSUPP", "EISDIR", "EINVAL"].includes(String(cause.code));
}
