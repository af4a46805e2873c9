/** Files and directories of the machine that their owner or group alone may read: what a neighbour wants kept from a service. */
import type { Box } from "../box/box.ts";

/** Where configuration and state of services lie; homes are a matter of ProtectHome=. */
const PLACES = ["/etc", "/srv", "/opt", "/var/lib"];

/** More would make a drop-in that nobody reads. */
const MOST = 40;

/** The uppermost such paths, by name. Names that a unit file could not hold plainly are left out. */
export async function secretsOf(box: Box): Promise<readonly string[]> {
  const isPrivate = ["!", "-perm", "-0004", "(", "-type", "d", "-o", "-type", "f", "-size", "+0", ")"];
  const found = await box.run(["find", ...PLACES, "-xdev", "-maxdepth", "3", ...isPrivate, "-print0", "-prune"]);
  const paths = found.stdout.split("\0").filter((path) => /^[A-Za-z0-9/._@+-]+$/.test(path));
  return paths.sort().slice(0, MOST);
}
