/** Which systemd a system has, and what it was built with: the two lines of `systemctl --version`; of one that does not run, its files. */
import { listIn } from "./beneath.ts";
import { type RunCommand, runChecked, runCommand } from "./spawn.ts";
import { SystemError } from "./system-error.ts";

/** `full` is the distribution's package version; features are written +NAME or -NAME. */
export interface SystemdVersion {
  readonly version: number;
  readonly full: string;
  readonly features: readonly string[];
}

/** Asks systemctl; throws a SystemError if the answer is not understood. */
export async function systemdVersion(run: RunCommand = runCommand): Promise<SystemdVersion> {
  const said = await runChecked(["systemctl", "--version"], {}, run);
  const found = parseSystemdVersion(said);
  if (found === undefined) {
    throw new SystemError("read the version of systemd", { reason: `not understood: ${said}` });
  }
  return found;
}

/** Parses `systemd 257 (257.13-1~deb13u1)` and the line of features below it. */
export function parseSystemdVersion(text: string): SystemdVersion | undefined {
  const found = /^systemd (\d+)\S*(?: \(([^)]*)\))?/.exec(text);
  if (found?.[1] === undefined) {
    return undefined;
  }
  const features = text.split(/\s+/).filter((word) => /^[+-][A-Z0-9_]+$/.test(word));
  return { version: Number(found[1]), full: found[2] ?? found[1], features };
}

/**
 * The version of the systemd that is installed below a root, by the name of the library that all its programs share
 * (`libsystemd-shared-252.so`); undefined if there is none. Nothing below the root is run.
 */
export function systemdVersionBelow(root: string): number | undefined {
  const libraries = listIn(root, "/usr/lib").map((name) => `/usr/lib/${name}/systemd`);
  const names = ["/usr/lib/systemd", "/lib/systemd", "/usr/lib64/systemd", ...libraries].flatMap((path) =>
    listIn(root, path),
  );
  const versions = names.flatMap((name) => /^libsystemd-shared-(\d{3})/.exec(name)?.[1] ?? []);
  return versions.length === 0 ? undefined : Math.max(...versions.map(Number));
}
