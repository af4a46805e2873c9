/** Facts of the files in another root, looked at from outside (`/proc/PID/root` of a box). Facts: inode(7). */
import type { Stats } from "node:fs";
import type { FileFacts } from "../core/action/action.ts";
import { lookIn, resolveIn } from "./beneath.ts";
import { numbersOf } from "./devices.ts";

/** A path with its links followed inside the root; undefined if nothing is there or its links form a loop. */
export function existingIn(root: string, path: string): string | undefined {
  const resolved = resolveIn(root, path);
  const look = lookIn(root, resolved);
  return look === undefined || look.stats.isSymbolicLink() ? undefined : resolved;
}

function typeOf(stats: Stats): FileFacts["type"] {
  if (stats.isDirectory()) {
    return "directory";
  }
  if (stats.isSymbolicLink()) {
    return "symlink";
  }
  if (stats.isCharacterDevice()) {
    return "char";
  }
  if (stats.isBlockDevice()) {
    return "block";
  }
  if (stats.isFIFO()) {
    return "fifo";
  }
  return stats.isSocket() ? "socket" : "file";
}

/** Facts of the file at a path below a root, its links already followed; undefined if nothing is there. */
export function fileFacts(root: string, path: string): FileFacts | undefined {
  const look = lookIn(root, path);
  if (look === undefined) {
    return undefined;
  }
  const { stats, above } = look;
  const type = typeOf(stats);
  return {
    type,
    uid: stats.uid,
    gid: stats.gid,
    mode: stats.mode & 0o7777,
    ...(type === "char" || type === "block" ? { device: numbersOf(stats.rdev) } : {}),
    ...(above === undefined ? {} : { parent: { uid: above.uid, gid: above.gid, mode: above.mode & 0o7777 } }),
  };
}
