/** What a control group holds and uses, read from the cgroup2 tree. Facts: the kernel's Documentation/admin-guide/cgroup-v2.rst. */
import { readdir, readFile } from "node:fs/promises";

/** The processes of a group and of all its descendants; none if it is gone. */
export async function processesBelow(directory: string): Promise<readonly number[]> {
  const text = await readFile(`${directory}/cgroup.procs`, "utf8").catch(() => "");
  const own = text.split("\n").filter((line) => line !== "");
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => processesBelow(`${directory}/${name}`));
  return [...own.map(Number), ...(await Promise.all(below)).flat()];
}

/** Microseconds of processor time used by a group and its descendants; 0 if it is gone. */
export async function processorTime(directory: string): Promise<number> {
  const text = await readFile(`${directory}/cpu.stat`, "utf8").catch(() => "");
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? 0);
}
