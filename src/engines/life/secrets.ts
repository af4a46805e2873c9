/** Files and directories of the machine that their owner or group alone may read: what a neighbour wants kept from a service. */
import { directoryOf } from "../../core/kernel/path.ts";
import { runCommand } from "../../linux/spawn.ts";
import type { Box } from "../box/box.ts";

/** Where configuration, state and data lie; homes are a matter of ProtectHome=, temporary files one of PrivateTmp=. */
const PLACES = ["/etc", "/srv", "/opt", "/var", "/usr/local/etc", "/mnt", "/media", "/run"];
/** Directories of many owners, which hold more than what was found. */
const SHARED: ReadonlySet<string> = new Set([
  ...PLACES,
  "/var/lib",
  "/var/log",
  "/var/cache",
  "/var/spool",
  "/run/lock",
]);
/** What other settings close, or what is no file of this machine. */
const LEFT_OUT = ["/var/tmp", "/run/user", "/run/systemd", "/run/credentials", "/run/cloison"];
const ELSEWHERE = ["nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "fuse", "fuse.sshfs", "fuse.glusterfs"];

/** That others may not read it, and that there is something in it. */
const PRIVATE = ["!", "-perm", "-0004", "(", "-type", "d", "-o", "-type", "f", "-size", "+0", ")"];

type Find = (words: readonly string[]) => Promise<string>;

/** Those of a box, by name. */
export function secretsOf(box: Box): Promise<readonly string[]> {
  return secretsBelow(async (words) => (await box.run(["find", ...words])).stdout, PLACES);
}

/** What this machine has in /run, of which a box has its own. */
export function secretsOfMachine(): Promise<readonly string[]> {
  return secretsBelow(async (words) => (await runCommand(["find", ...words])).stdout, ["/run"]);
}

/**
 * The uppermost such paths, however deep; also directories that anyone may list and that hold nothing else, since a wall on a directory
 * outlives the files in it. Names that a unit file could not hold plainly are left out.
 */
async function secretsBelow(find: Find, places: readonly string[]): Promise<readonly string[]> {
  const passed = [...anyOf("-path", LEFT_OUT), "-o", ...anyOf("-fstype", ELSEWHERE)];
  const found = await linesOf(find, [...places, "(", ...passed, ")", "-prune", "-o", ...PRIVATE, "-print0", "-prune"]);
  const all = new Set(found);
  for (let fresh = found; fresh.length > 0; ) {
    fresh = await closedAround(find, fresh, all);
    for (const directory of fresh) {
      all.add(directory);
    }
  }
  return [...all].sort();
}

/** The directories right above, all of whose entries are among those that are known. */
async function closedAround(
  find: Find,
  fresh: readonly string[],
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const around = [...new Set(fresh.map(directoryOf))].filter((path) => !SHARED.has(path) && !known.has(path));
  // Without a place find(1) would look into the current directory.
  const within =
    around.length === 0 ? [] : await linesOf(find, [...around, "-mindepth", "1", "-maxdepth", "1", "-print0"]);
  const open = new Set(within.filter((path) => !known.has(path)).map(directoryOf));
  return around.filter((path) => !open.has(path));
}

function anyOf(test: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value, index) => [...(index === 0 ? [] : ["-o"]), test, value]);
}

async function linesOf(find: Find, words: readonly string[]): Promise<readonly string[]> {
  return (await find(words)).split("\0").filter((path) => /^[A-Za-z0-9/._@+-]+$/.test(path));
}
