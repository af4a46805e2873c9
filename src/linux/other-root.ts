/**
 * Paths of another root, looked at from outside (`/proc/PID/root` of a box): each link is followed by itself, since the
 * kernel would lead absolute ones out of it. Facts: path_resolution(7), inode(7).
 */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import type { FileFacts } from "../core/action/action.ts";
import { numbersOf } from "./devices.ts";

const MOST_LINKS = 40;

/** What is at a path of this machine, itself and not what it links to; undefined if nothing is. */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/**
 * A path with its symbolic links followed inside a root. What does not exist stays as it is written. /proc is not
 * entered, its links lead to whoever looks.
 */
export function resolveIn(root: string, path: string, followLast = true): string {
  const todo = path.split("/").reverse();
  let done: readonly string[] = [];
  let links = 0;
  while (todo.length > 0) {
    const part = todo.pop() as string;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done = done.slice(0, -1);
      continue;
    }
    const next = [...done, part];
    const isLast = !todo.some((rest) => rest !== "" && rest !== ".");
    const target = next[0] === "proc" || (isLast && !followLast) ? undefined : linkOf(`${root}/${next.join("/")}`);
    if (target === undefined || ++links > MOST_LINKS) {
      done = next;
      continue;
    }
    if (target.startsWith("/")) done = [];
    todo.push(...target.split("/").reverse());
  }
  return `/${done.join("/")}`;
}

/** The same of something that is there; undefined if it is not, or if its links go round in a circle. */
export function existingIn(root: string, path: string): string | undefined {
  const resolved = resolveIn(root, path);
  const stats = lookAt(root + resolved);
  return stats === undefined || stats.isSymbolicLink() ? undefined : resolved;
}

function typeOf(stats: Stats): FileFacts["type"] {
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isBlockDevice()) return "block";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "file";
}

/** Facts of a path below a root whose links have been followed; undefined if nothing is there. */
export function fileFacts(root: string, path: string): FileFacts | undefined {
  const stats = lookAt(root + path);
  if (stats === undefined) return undefined;
  const above = lookAt(`${root}${path}`.replace(/\/[^/]*$/, "") || "/");
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
