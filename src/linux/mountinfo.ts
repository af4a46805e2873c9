/** The mount table of a process: /proc/PID/mountinfo, format in proc_pid_mountinfo(5). */
import { isWithin } from "../core/kernel/path.ts";

/** One mount. `flags` are its own options, `superOptions` those of the file system. */
export interface Mount {
  readonly id: number;
  readonly parent: number;
  readonly device: string;
  /** The directory within the file system that is mounted. */
  readonly root: string;
  readonly target: string;
  readonly flags: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Parses a mountinfo file; malformed lines are skipped. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const mount = parseLine(line);
    if (mount !== undefined) {
      mounts.push(mount);
    }
  }
  return mounts;
}

/**
 * The visible mounts: the last of several on one mount point, and none that a later mount further up hides. They are in the
 * order of the table, so a parent precedes what is mounted below it.
 */
export function visibleMounts(mounts: readonly Mount[]): Mount[] {
  return mounts.filter((mount, index) => !mounts.slice(index + 1).some((later) => covers(later, mount)));
}

function covers(later: Mount, mount: Mount): boolean {
  return isWithin(mount.target, later.target) && mount.parent !== later.id;
}

function parseLine(line: string): Mount | undefined {
  const [before, after] = line.split(" - ", 2);
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const [id, parent, device, root, target, flags] = before.split(" ");
  const [type, source, superOptions] = after.split(" ");
  if (target === undefined || flags === undefined || type === undefined) {
    return undefined;
  }
  return {
    id: Number(id),
    parent: Number(parent),
    device: device ?? "",
    root: unescapeOctal(root ?? ""),
    target: unescapeOctal(target),
    flags: flags.split(","),
    type,
    source: unescapeOctal(source ?? ""),
    superOptions: (superOptions ?? "").split(","),
  };
}

/** The kernel escapes space, tab, newline and backslash as three octal digits each. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
