/** At which paths one sandbox shows more, or permits more changes, than another. Facts: as in mounts.ts. */
import { isWithin } from "../kernel/path.ts";
import { mountPaths, type View, viewOf } from "./mounts.ts";
import { PROC_HIDING, type Wall } from "./wall.ts";

/** Places that directives treat specially, in addition to all paths that a wall names. */
const USUAL: readonly string[] = [
  "/",
  "/boot",
  "/dev",
  "/dev/kmsg",
  "/dev/mem",
  "/dev/shm",
  "/etc",
  "/home",
  "/opt",
  "/proc",
  "/proc/kcore",
  "/proc/sys",
  "/root",
  "/run",
  "/run/user",
  "/srv",
  "/sys",
  "/sys/fs/cgroup",
  "/tmp",
  "/usr",
  "/var",
  "/var/tmp",
];

/** File systems of which the kernel executes nothing, however they are mounted: SB_I_NOEXEC in its fs/proc/root.c and fs/kernfs/mount.c. */
const NEVER_RUN: readonly string[] = ["/proc", "/sys"];

/** What is not counted as loosened. */
export interface Tolerance {
  /** That files may be executed where nothing can be written: what a service writes is not run there, either. */
  readonly readOnlyRuns?: true;
}

/** Where a path of interest, or something below it, is less protected after than before. */
export function loosenedMounts(
  before: readonly Wall[],
  after: readonly Wall[],
  tolerance: Tolerance,
): readonly string[] {
  if (!before.some((wall) => wall.kind === "mount")) {
    return [];
  }
  const named = new Set([...USUAL, ...mountPaths(before), ...mountPaths(after)]);
  const found: string[] = [];
  for (const path of [...named].sort()) {
    const below = path === "/" ? "/x" : `${path}/x`;
    const tolerated = { ...tolerance, runs: NEVER_RUN.some((top) => isWithin(path, top)) };
    const message =
      weaker(viewOf(before, path), viewOf(after, path), tolerated) ??
      weaker(viewOf(before, below), viewOf(after, below), tolerated);
    if (message !== undefined) {
      found.push(`${path} ${message}`);
    }
  }
  return found;
}

function weaker(
  was: View,
  is: View,
  { readOnlyRuns, runs }: Tolerance & { readonly runs: boolean },
): string | undefined {
  if (shows(was, is)) {
    return "shows what was hidden";
  }
  const own = is.content.kind === "fresh" || is.content.kind === "covered";
  if (was.readOnly && !is.readOnly && !(own && was.content.kind === "host")) {
    return "is writable";
  }
  if (was.noExec && !is.noExec && !runs && !(readOnlyRuns && is.readOnly)) {
    return "lets files be executed";
  }
  if (weakerProc(was, is)) {
    return "shows more processes or kernel state";
  }
  return undefined;
}

function shows(was: View, is: View): boolean {
  if (is.content.kind === "covered") {
    return false;
  }
  if (is.content.kind === "unseen") {
    return was.content.kind !== "unseen";
  }
  if (is.content.kind === "elsewhere") {
    return was.content.kind !== "elsewhere" || was.content.path !== is.content.path;
  }
  if (is.content.kind === "fresh") {
    return was.content.kind === "covered" && !is.readOnly;
  }
  return was.content.kind !== "host";
}

function weakerProc(was: View, is: View): boolean {
  if (was.proc === undefined || is.content.kind !== "host") {
    return false;
  }
  const hide = is.proc?.hide ?? "default";
  const all = is.proc?.pidOnly !== true;
  return PROC_HIDING.indexOf(hide) < PROC_HIDING.indexOf(was.proc.hide) || (was.proc.pidOnly && all);
}
