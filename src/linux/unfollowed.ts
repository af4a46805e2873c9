/**
 * Owner and mode of a file whose path leads through no symbolic link: each directory is opened relative to the one before it, so that
 * whoever owns one of them cannot lead root elsewhere. Facts: path_resolution(7), chown(2), proc_pid_fd(5) for descriptors that are
 * only paths.
 */
import { chmodSync, chownSync, closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { O_PATH } from "../core/kernel/open-flags.ts";
import { SystemError } from "./system-error.ts";

/** What is known of a file, and what can be done to it. */
export interface Unfollowed {
  readonly stats: Stats;
  readonly chown: (uid: number, gid: number) => void;
  readonly chmod: (mode: number) => void;
}

/** Does something with a file; undefined if it is not there. Throws a SystemError for a path that leads through a link. */
export function unfollowed<T>(path: string, work: (file: Unfollowed) => T): T | undefined {
  const descriptor = openPath(path);
  if (descriptor === undefined) {
    return undefined;
  }
  const own = `/proc/self/fd/${descriptor}`;
  try {
    const stats = fstatSync(descriptor);
    if (stats.isSymbolicLink()) {
      throw new SystemError("open", { path, reason: "it is a symbolic link", help: "see who made it" });
    }
    return work({ stats, chown: (uid, gid) => chownSync(own, uid, gid), chmod: (mode) => chmodSync(own, mode) });
  } finally {
    closeSync(descriptor);
  }
}

function openPath(path: string): number | undefined {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (!path.startsWith("/") || names.includes("..")) {
    throw new SystemError("open", { path, reason: "it is not an absolute path without ..", help: "name it so" });
  }
  let at = openSync("/", O_PATH | constants.O_DIRECTORY);
  for (const [index, name] of names.entries()) {
    const directory = index < names.length - 1 ? constants.O_DIRECTORY : 0;
    try {
      const next = openSync(`/proc/self/fd/${at}/${name}`, O_PATH | constants.O_NOFOLLOW | directory);
      closeSync(at);
      at = next;
    } catch (cause) {
      closeSync(at);
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
        return undefined;
      }
      throw new SystemError("open", { path, cause, help: "its directories must be directories, and no links" });
    }
  }
  return at;
}
