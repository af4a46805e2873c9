/** Removes what boxes of dead owners left: an empty cgroup at most, rarely one with processes (see guard-script.ts). */
import { readdir, unlink } from "node:fs/promises";
import { visibleMounts } from "../../linux/mountinfo.ts";
import { mountsOf } from "../../linux/proc.ts";
import { removeCgroup } from "./cgroup.ts";
import { isBoxName, isOrphan } from "./identity.ts";

/** Called by every boot; harmless at any time, since a box names its owner and only those of ended owners are touched. */
export async function sweepBoxes(scratch = "/var/tmp"): Promise<void> {
  const cgroups = visibleMounts(await mountsOf("self")).filter(({ type }) => type === "cgroup2" || type === "cgroup");
  for (const { target } of cgroups) {
    for (const parent of [target, `${target}/system.slice`]) {
      for (const name of await orphansIn(parent)) {
        await removeCgroup(`${parent}/${name}`).catch(() => undefined);
      }
    }
  }
  // Where the file system knows no unnamed files, an image has a name for a moment (see linux/unnamed-file.ts).
  for (const name of await orphansIn(scratch)) {
    await unlink(`${scratch}/${name}`).catch(() => undefined);
  }
}

/** Is this path in the cgroup2 hierarchy inside some box, ours or another's? */
export function inSomeBox(cgroup: string): boolean {
  return cgroup.split("/").some(isBoxName);
}

async function orphansIn(directory: string): Promise<string[]> {
  const orphans: string[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    if (await isOrphan(name)) {
      orphans.push(name);
    }
  }
  return orphans;
}
