/** Files and directories of the machine that their owner or group alone may read: what a neighbour wants kept from a service. */
import { directoryOf } from "../../core/kernel/path.ts";
import type { Box } from "../box/box.ts";

/** Where configuration and state of services lie; homes are a matter of ProtectHome=. */
const PLACES = ["/etc", "/srv", "/opt", "/var/lib"];

/** More would make a drop-in that nobody reads. */
const MOST = 40;

const PRIVATE = ["!", "-perm", "-0004", "(", "-type", "d", "-o", "-type", "f", "-size", "+0", ")"];

/**
 * The uppermost such paths, by name; also directories that anyone may list and that hold nothing else, since a wall on a directory
 * outlives the files in it. Names that a unit file could not hold plainly are left out.
 */
export async function secretsOf(box: Box): Promise<readonly string[]> {
  const found = await linesOf(box, [...PLACES, "-xdev", "-maxdepth", "3", ...PRIVATE, "-print0", "-prune"]);
  const around = [...new Set(found.map(directoryOf))].filter((path) => !PLACES.includes(path));
  // Without a place find(1) would look into the current directory.
  const within = [...around, "-mindepth", "1", "-maxdepth", "1", "!", "(", ...PRIVATE, ")", "-printf", "%h\\0"];
  const shared = new Set(around.length === 0 ? [] : await linesOf(box, within));
  return [...found, ...around.filter((path) => !shared.has(path))].sort().slice(0, MOST);
}

async function linesOf(box: Box, words: readonly string[]): Promise<readonly string[]> {
  const found = await box.run(["find", ...words]);
  return found.stdout.split("\0").filter((path) => /^[A-Za-z0-9/._@+-]+$/.test(path));
}
