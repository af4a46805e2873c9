/**
 * Directories that only trusted users can replace or change: each one from / downwards belongs to root or to the user who
 * runs this, and nobody else can write to it. Each is opened relative to its parent, and each link read and its owner checked,
 * so what was checked is what is used. In a sticky directory (/tmp) others may create names but not replace those of a
 * trusted owner. Facts: path_resolution(7), chmod(2) on the sticky bit, credentials(7).
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs";
import { resolve } from "node:path";
import { O_PATH } from "../core/kernel/open-flags.ts";
import { SystemError } from "./system-error.ts";

const MOST_LINKS = 40;
const STICKY = 0o1000;

/** A trusted directory, opened with O_PATH, and the names still to be created below it. */
export interface TrustedPlace {
  readonly descriptor: number;
  readonly missing: readonly string[];
  /** Others may create names in it, as in /tmp, but cannot replace ours. */
  readonly sticky: boolean;
}

/** What makes a place unsafe: who could replace what, and where. */
export interface Distrust {
  readonly kind: "distrust";
  readonly path: string;
  readonly reason: string;
  readonly help: string;
}

/** root, the user who runs this, and the one who logged in or called sudo for it. */
export function trustedUsers(env: NodeJS.ProcessEnv = process.env): ReadonlySet<number> {
  const users = new Set([0, process.geteuid?.() ?? 0]);
  const sudo = env.SUDO_UID ?? "";
  if (/^\d{1,9}$/.test(sudo)) {
    users.add(Number(sudo));
  }
  try {
    const login = Number(readFileSync("/proc/self/loginuid", "utf8"));
    if (login < 0xffffffff) {
      users.add(login);
    }
  } catch {
    // A kernel without audit has no login uid.
  }
  return users;
}

interface Step {
  readonly descriptor: number;
  readonly path: string;
  readonly stats: Stats;
}

interface Walk {
  readonly trusted: ReadonlySet<number>;
  /** The directories from / to the current one. */
  readonly way: Step[];
  /** The names still to resolve, the next one last. */
  readonly todo: string[];
  links: number;
}

/**
 * Opens a directory, or its nearest existing ancestor. The caller closes the descriptor. Throws a SystemError for what is not
 * a directory or cannot be examined.
 */
export function openTrusted(path: string, trusted: ReadonlySet<number> = trustedUsers()): TrustedPlace | Distrust {
  const way: Step[] = [];
  try {
    way.push(step("/", "/"));
    const walk: Walk = { trusted, way, todo: reversed(resolve(path)), links: 0 };
    let result = onward(walk);
    while (result === undefined) {
      result = onward(walk);
    }
    return result;
  } catch (cause) {
    throw new SystemError("open", { path, cause });
  } finally {
    for (const each of way) {
      closeSync(each.descriptor);
    }
  }
}

function reversed(path: string): string[] {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .reverse();
}

/** Checks the current directory and takes one step; undefined until the walk has ended. */
function onward(walk: Walk): TrustedPlace | Distrust | undefined {
  const { way, todo, trusted } = walk;
  const here = way.at(-1) as Step;
  const wrong = distrust(here, trusted);
  if (wrong !== undefined) {
    return wrong;
  }
  const name = todo.pop();
  if (name === undefined) {
    return found(way, []);
  }
  if (name === "..") {
    leave(way, way.length > 1 ? 1 : 0);
    return undefined;
  }
  const shown = here.path === "/" ? `/${name}` : `${here.path}/${name}`;
  const place = `/proc/self/fd/${here.descriptor}/${name}`;
  const stats = lstatSync(place, { throwIfNoEntry: false });
  if (stats === undefined) {
    return found(way, [name, ...todo.toReversed()]);
  }
  if (stats.isSymbolicLink()) {
    return follow(walk, place, shown, stats);
  }
  way.push(step(place, shown));
  return undefined;
}

function follow(walk: Walk, place: string, shown: string, { uid }: Stats): Distrust | undefined {
  if (!walk.trusted.has(uid)) {
    return foreign(shown, uid, "a link");
  }
  walk.links += 1;
  if (walk.links > MOST_LINKS) {
    throw new Error("too many links");
  }
  const target = readlinkSync(place);
  if (target.startsWith("/")) {
    leave(walk.way, walk.way.length - 1);
  }
  walk.todo.push(...reversed(target));
  return undefined;
}

function leave(way: Step[], count: number): void {
  for (const each of way.splice(way.length - count)) {
    closeSync(each.descriptor);
  }
}

function step(place: string, shown: string): Step {
  const descriptor = openSync(place, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  return { descriptor, path: shown, stats: fstatSync(descriptor) };
}

/** Keeps the last directory open for the caller; all others are closed. */
function found(way: Step[], missing: readonly string[]): TrustedPlace {
  const { descriptor, stats } = way.pop() as Step;
  return { descriptor, missing, sticky: (stats.mode & STICKY) !== 0 && (stats.mode & 0o022) !== 0 };
}

/** A group with the owner's number is taken to be the owner's private one, so its write permission is no danger. */
function distrust({ path, stats }: Step, trusted: ReadonlySet<number>): Distrust | undefined {
  if (!trusted.has(stats.uid)) {
    return foreign(path, stats.uid, "a directory");
  }
  const others = (stats.mode & 0o002) !== 0 || ((stats.mode & 0o020) !== 0 && stats.gid !== stats.uid);
  if (!others || (stats.mode & STICKY) !== 0) {
    return undefined;
  }
  const mode = (stats.mode & 0o7777).toString(8);
  return { kind: "distrust", path, reason: `others can write to it (mode ${mode})`, help: `chmod go-w ${path}` };
}

function foreign(path: string, uid: number, what: string): Distrust {
  return {
    kind: "distrust",
    path,
    reason: `it is ${what} of user ${uid}, who could exchange what is below`,
    help: "name a place whose directories all belong to root, for example below /root",
  };
}

/**
 * Creates what is missing with mode 0700 and opens the last. Closes the place's descriptor; the caller closes the returned one.
 */
export function makeTrusted(place: TrustedPlace): number {
  let descriptor = place.descriptor;
  for (const name of place.missing) {
    const inside = `/proc/self/fd/${descriptor}/${name}`;
    try {
      mkdirSync(inside, { mode: 0o700 });
      const next = openSync(inside, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      closeSync(descriptor);
      descriptor = next;
    } catch (cause) {
      closeSync(descriptor);
      throw cause;
    }
  }
  return descriptor;
}
