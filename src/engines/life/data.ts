/**
 * The service's data: in the box it works on a copy-on-write view of the host's files. While a process of the host has
 * them open for writing, that view is torn, and what is rehearsed on it says nothing.
 */
import { join } from "node:path";
import { isWithin } from "../../core/kernel/path.ts";
import { resolveIn } from "../../linux/beneath.ts";
import { SystemError } from "../../linux/system-error.ts";
import type { LargeFile } from "../../linux/writers.ts";
import type { BoxOptions } from "../box/box.ts";
import { largeFilesBelow, writersBelow } from "../box/data.ts";

/**
 * Throws a SystemError if a process of the host writes below one of the directories, unless --data names it. Links are
 * followed within the root that the box shows: what the user names and what the unit names may be the same place.
 */
export async function refuseWriters(directories: readonly string[], options: BoxOptions): Promise<void> {
  const { root = "", data = [] } = options;
  const named = data.map(({ path }) => resolveIn(root, path));
  for (const directory of directories) {
    const place = resolveIn(root, directory);
    if (named.some((path) => isWithin(place, path))) {
      continue;
    }
    const [writer] = await writersBelow(join(root, place));
    if (writer !== undefined) {
      throw new SystemError("copy the data of", {
        path: directory,
        reason: `${writer.comm} (pid ${writer.pid}) of this machine has ${writer.path} open for writing`,
        help: `stop it, or say --data ${directory}=copy or --data ${directory}=empty`,
      });
    }
  }
}

/** Large files below the directories, in words: a copy of each is made when the service changes it. */
export async function nameLargeFiles(
  directories: readonly string[],
  { root = "" }: BoxOptions,
): Promise<readonly string[]> {
  const files: LargeFile[] = [];
  for (const directory of directories) {
    files.push(...(await largeFilesBelow(join(root, resolveIn(root, directory)))));
  }
  return files.map(
    ({ path, bytes }) => `${path} is large (${Number(bytes >> 20n)} MiB): it is copied if the service changes it`,
  );
}
