/** Which directories hold a service's data: those that its unit gives it, and those where it was seen to write. */
import { isWithin } from "../kernel/path.ts";
import type { Observation } from "./action.ts";

/** Directories whose writers are no concern: logs are appended to, /tmp and /run are the box's own. */
const HARMLESS = ["/var/log", "/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys"];

/** Of some directories those that hold data. */
export function dataDirectories(directories: readonly string[]): readonly string[] {
  return directories.filter((path) => !HARMLESS.some((other) => isWithin(path, other)));
}

/** The data directories where the service was seen to write, cut to three components: /var/lib/NAME. */
export function writtenDirectories(observation: Observation): readonly string[] {
  const paths = observation.seen
    .filter(({ result }) => result === "ok")
    .flatMap(({ action }) => action.needs)
    .flatMap((need) => (need.kind === "path" && ["write", "create"].includes(need.access) ? [need.path] : []))
    .filter((path) => path.startsWith("/var/") || path.startsWith("/srv/") || path.startsWith("/home/"))
    .map((path) => path.split("/").slice(0, 4).join("/"));
  return dataDirectories([...new Set(paths)]);
}
