/** What is known of the files of another root, looked at from outside (`/proc/PID/root` of a box). Facts: inode(7). */
import type { Stats } from "node:fs";
import type { FileFacts } from "../core/action/action.ts";
import { lookIn, resolveIn } from "./beneath.ts";
import { numbersOf } from "./devices.ts";

/** A path with its links followed inside the root, if something is there; undefined if not, or if its links go round in a circle. */
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

/** Facts of a path below a root whose links have been followed; undefined if nothing is there. */
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
