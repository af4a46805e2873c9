/** Ends and removes a box's directory in the host's cgroup2 tree (cgroup.kill and cgroup.events: the kernel's cgroup-v2.rst). */
import { existsSync } from "node:fs";
import { readdir, rmdir, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../../linux/system-error.ts";

/** How long systemd may take to remove the cgroup of a scope that is empty. */
const SCOPE_MS = 5_000;

/**
 * Waits until systemd has removed the cgroup of a scope. Where it is gone too early, systemd does not notice that the scope has ended,
 * and lists it for ever.
 */
async function leftToSystemd(cgroup: string): Promise<void> {
  const end = Date.now() + SCOPE_MS;
  await writeFile(`${cgroup}/cgroup.kill`, "1").catch(() => undefined);
  while (existsSync(cgroup) && Date.now() < end) {
    await sleep(10);
  }
}

/** Kills every process below `cgroup` and removes it. No error if it is gone already; a SystemError if it stays in use. */
export async function removeCgroup(cgroup: string, patienceMs = 10_000): Promise<void> {
  if (cgroup.endsWith(".scope")) {
    await leftToSystemd(cgroup);
  }
  const end = Date.now() + patienceMs;
  for (;;) {
    await writeFile(`${cgroup}/cgroup.kill`, "1").catch(() => undefined);
    if (await removeTree(cgroup)) {
      return;
    }
    if (Date.now() > end) {
      throw new SystemError("remove", { path: cgroup, code: "EBUSY", reason: "processes in it will not end" });
    }
    await sleep(10);
  }
}

/** Children before parents; true once nothing is left. */
async function removeTree(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) {
    return true;
  }
  for (const entry of entries) {
    if (entry.isDirectory()) {
      await removeTree(`${directory}/${entry.name}`);
    }
  }
  return rmdir(directory).then(
    () => true,
    (cause: NodeJS.ErrnoException) => cause.code === "ENOENT",
  );
}
