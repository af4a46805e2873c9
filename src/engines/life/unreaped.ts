/**
 * Children of a service's main process that have ended and are not waited for. The first process of a pid namespace inherits the
 * children of all others in it, and where it does not wait for them they stay until no process can be made any more.
 * Facts: pid_namespaces(7), proc_pid_status(5).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Box } from "../box/box.ts";

/** Time for a main process to hear of a child. */
const NOTICE_MS = 200;

/** How many there are, and still are a moment later. */
export async function unreapedChildren(box: Box, unit: string): Promise<number> {
  const main = (await box.showProperties(unit, ["MainPID"])).get("MainPID") ?? "0";
  if (main === "0") {
    return 0;
  }
  const count = async (): Promise<number> => {
    const script = `grep -ls '^State:.Z' /proc/[0-9]*/status | xargs -r grep -ls '^PPid:.${main}$' | wc -l`;
    const { stdout } = await box.run(["/bin/sh", "-c", script]);
    return Number(stdout.trim());
  };
  if ((await count()) === 0) {
    return 0;
  }
  await sleep(NOTICE_MS);
  return count();
}
