/** Looks at paths of a box from outside, following symbolic links as the box would: an absolute one starts at its root. */
import { lstatSync, readlinkSync, type Stats } from "node:fs";
import type { FileFacts } from "../../core/action/action.ts";
import { numbersOf } from "../../linux/devices.ts";

const MAX_LINKS = 40;

function statAt(root: string, path: string): Stats | undefined {
  try {
    return lstatSync(`${root}${path}`);
  } catch {
    return undefined;
  }
}

function linkAt(root: string, path: string): string | undefined {
  try {
    return readlinkSync(`${root}${path}`);
  } catch {
    return undefined;
  }
}

/** The path with every symbolic link resolved inside `root`; undefined if something on the way is not there. */
export function resolveInside(root: string, path: string): string | undefined {
  const pending = path.split("/").filter((part) => part !== "");
  let done: string[] = [];
  let links = 0;
  while (pending.length > 0) {
    const part = pending.shift() ?? "";
    if (part === ".") continue;
    if (part === "..") {
      done = done.slice(0, -1);
      continue;
    }
    const at = `/${[...done, part].join("/")}`;
    const stats = statAt(root, at);
    if (stats === undefined) return undefined;
    if (!stats.isSymbolicLink()) {
      done.push(part);
      continue;
    }
    const target = linkAt(root, at);
    links += 1;
    if (target === undefined || links > MAX_LINKS) return undefined;
    if (target.startsWith("/")) done = [];
    pending.unshift(...target.split("/").filter((each) => each !== ""));
  }
  return `/${done.join("/")}`;
}

function typeOf(stats: Stats): FileFacts["type"] {
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isCharacterDevice()) return "char";
  if (stats.isBlockDevice()) return "block";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "file";
}

/** Facts of a path of the box, symbolic links resolved; undefined if it is not there. */
export function factsInside(root: string, path: string): FileFacts | undefined {
  const resolved = resolveInside(root, path);
  const stats = resolved === undefined ? undefined : statAt(root, resolved);
  if (resolved === undefined || stats === undefined) return undefined;
  const above = statAt(root, resolved.slice(0, Math.max(resolved.lastIndexOf("/"), 1)));
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
