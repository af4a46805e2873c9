/** A file without a name, which the kernel frees with its last reference, however its owner ends. Facts: open(2). */
import { closeSync, constants, fchmodSync, openSync, realpathSync, unlinkSync, writeFileSync } from "node:fs";
import { isWithin } from "../core/kernel/path.ts";
import { type Mount, visibleMounts } from "./mountinfo.ts";
import { SystemError } from "./system-error.ts";

/** open(2): O_TMPFILE is this bit with O_DIRECTORY. */
const TMPFILE_BIT = 0o20000000;

/** Opens an unnamed file in `directory`; where O_TMPFILE is not supported, a named one is created and unlinked at once. */
export function openUnnamed(directory: string, name: string, help?: string): number {
  try {
    return openSync(directory, TMPFILE_BIT | constants.O_DIRECTORY | constants.O_RDWR, 0o600);
  } catch (cause) {
    if (!isUnsupported(cause)) {
      throw new SystemError("make a file in", { path: directory, cause, ...(help === undefined ? {} : { help }) });
    }
  }
  const path = `${directory}/${name}`;
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = openSync(path, flags, 0o600);
  unlinkSync(path);
  return file;
}

/**
 * A program in an unnamed file that nobody can write to, open for reading and started through /proc/PID/fd. It is created in
 * the first of the directories whose mount is not noexec; throws a SystemError if none is.
 */
export function openUnnamedProgram(
  program: Uint8Array,
  directories: readonly string[],
  name: string,
  mounts: readonly Mount[],
): number {
  const directory = directories.find((path) => runsPrograms(path, mounts));
  if (directory === undefined) {
    const reason = `${directories.join(", ")} are all mounted noexec or missing`;
    throw new SystemError("keep a program", { reason, help: "name another directory with --scratch" });
  }
  const writable = openUnnamed(directory, name);
  try {
    writeFileSync(writable, program);
    fchmodSync(writable, 0o500);
    return openSync(`/proc/self/fd/${writable}`, constants.O_RDONLY);
  } finally {
    closeSync(writable);
  }
}

function runsPrograms(directory: string, mounts: readonly Mount[]): boolean {
  try {
    const path = realpathSync(directory);
    const above = visibleMounts(mounts).filter(({ target }) => isWithin(path, target));
    return above.toSorted((a, b) => b.target.length - a.target.length)[0]?.flags.includes("noexec") === false;
  } catch {
    return false;
  }
}

function isUnsupported(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && ["EOPNOTSUPP", "EISDIR", "EINVAL"].includes(String(cause.code));
}
