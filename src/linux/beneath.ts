/**
 * Looks at paths of a root that may be hostile (`/proc/PID/root` of a box) without ever leaving it: each component is opened
 * separately, relative to the descriptor of its parent, and links are read here and never followed by the kernel, since an
 * absolute one would lead out. A directory that is swapped for a link meanwhile counts as absent.
 * Facts: path_resolution(7), O_PATH and O_NOFOLLOW in open(2), /proc/self/fd in proc(5).
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { O_PATH } from "../core/kernel/open-flags.ts";

const MOST_LINKS = 40;

/** The directories from the root down to the current one: their names, and descriptors for those that exist. */
interface Descent {
  readonly names: string[];
  readonly open: (number | undefined)[];
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Works below a root and closes every descriptor afterwards. The root itself may be a link, as /proc/PID/root is. */
function below<T>(root: string, work: (descent: Descent) => T): T {
  const top = attempt(() => openSync(root === "" ? "/" : root, O_PATH | constants.O_DIRECTORY));
  const descent: Descent = { names: [], open: [top] };
  try {
    return work(descent);
  } finally {
    up(descent, descent.open.length);
  }
}

/** The path of a name in the current directory, through its descriptor: the only link in it is the kernel's own. */
function nameIn({ open }: Descent, name: string): string | undefined {
  const directory = open.at(-1);
  return directory === undefined ? undefined : `/proc/self/fd/${directory}/${name}`;
}

function down(descent: Descent, name: string): void {
  const path = nameIn(descent, name);
  const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  descent.names.push(name);
  descent.open.push(path === undefined ? undefined : attempt(() => openSync(path, flags)));
}

function up(descent: Descent, levels: number): void {
  descent.names.length = Math.max(descent.names.length - levels, 0);
  for (const fd of descent.open.splice(descent.open.length - levels)) {
    if (fd !== undefined) {
      closeSync(fd);
    }
  }
}

/** The target of a link; undefined for anything else, and for all in /proc, where a link such as `self` depends on the reader. */
function linkIn(descent: Descent, name: string): string | undefined {
  if (isNothing(name) || name === ".." || (descent.names[0] ?? name) === "proc") {
    return undefined;
  }
  const path = nameIn(descent, name);
  return path === undefined ? undefined : attempt(() => readlinkSync(path));
}

function isNothing(part: string): boolean {
  return part === "" || part === ".";
}

/**
 * A path with its symbolic links followed inside a root. What does not exist stays as written. Links in /proc are not
 * followed: one such as `self` depends on the reader.
 */
export function resolveIn(root: string, path: string, followLast = true): string {
  return below(root, (descent) => {
    const todo = path.split("/").reverse();
    let links = 0;
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      const last = todo.every(isNothing);
      const target = last && !followLast ? undefined : linkIn(descent, part);
      if (target === undefined || ++links > MOST_LINKS) {
        go(descent, part);
        continue;
      }
      if (target.startsWith("/")) {
        up(descent, descent.names.length);
      }
      todo.push(...target.split("/").reverse());
    }
    return `/${descent.names.join("/")}`;
  });
}

function go(descent: Descent, part: string): void {
  if (isNothing(part)) {
    return;
  }
  if (part !== "..") {
    down(descent, part);
  } else if (descent.names.length > 0) {
    up(descent, 1);
  }
}

/** Descends to the parent of a path without links and gives the last name: `.` for the root, undefined if `..` is in the path. */
function toParent(descent: Descent, path: string): string | undefined {
  const parts = path.split("/").filter((part) => !isNothing(part));
  if (parts.includes("..")) {
    return undefined;
  }
  for (const part of parts.slice(0, -1)) {
    down(descent, part);
  }
  return parts.at(-1) ?? ".";
}

/** The names in the directory that a path leads to, links followed inside the root; none if there is no such directory. */
export function listIn(root: string, path: string): readonly string[] {
  const resolved = resolveIn(root, path);
  return below(root, (descent) => {
    for (const part of resolved.split("/").filter((each) => !isNothing(each))) {
      down(descent, part);
    }
    const place = nameIn(descent, ".");
    return (place === undefined ? undefined : attempt(() => readdirSync(place))) ?? [];
  });
}

/** What is at a path whose links have been resolved (a link would be described itself), and its parent directory. */
export interface Look {
  readonly stats: Stats;
  readonly above: Stats | undefined;
}

/** Looks at a path; undefined if nothing is there or a directory in it is a link. */
export function lookIn(root: string, path: string): Look | undefined {
  return below(root, (descent) => {
    const name = toParent(descent, path);
    const directory = descent.open.at(-1);
    const place = name === undefined ? undefined : nameIn(descent, name);
    if (directory === undefined || place === undefined) {
      return undefined;
    }
    const above = attempt(() => fstatSync(directory));
    const stats = attempt(() => lstatSync(place));
    return stats === undefined ? undefined : { stats, above };
  });
}

/**
 * The first bytes of a regular file at a path without links; undefined if there is none. Nothing else is even opened: a
 * device node that root inside has created would open a device of this machine.
 */
export function readIn(root: string, path: string, most: number): Buffer | undefined {
  return below(root, (descent) => {
    const name = toParent(descent, path);
    const place = name === undefined ? undefined : nameIn(descent, name);
    if (place === undefined) {
      return undefined;
    }
    const pin = attempt(() => openSync(place, O_PATH | constants.O_NOFOLLOW));
    if (pin === undefined) {
      return undefined;
    }
    try {
      return fstatSync(pin).isFile() ? attempt(() => readPinned(pin, most)) : undefined;
    } finally {
      closeSync(pin);
    }
  });
}

function readPinned(pin: number, most: number): Buffer {
  const file = openSync(`/proc/self/fd/${pin}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    for (let left = most; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(left, 64 << 10));
      const count = readSync(file, chunk);
      if (count === 0) {
        break;
      }
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}
