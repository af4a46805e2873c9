/** Where the paths that a unit names lead on its machine: systemd follows their symbolic links before it mounts anything. */
import { resolveIn } from "./beneath.ts";

/** Absolute paths in a right-hand side: at its start, or after what separates words and parts of words. */
const NAMED = /(?<=^|[\s:=~"'+-])\/[^\s:"']+/g;

/**
 * The links of the paths in these right-hand sides, followed now and remembered, since the root may be gone when they are
 * asked for. Any other path stays as it is written: what a service was seen to use has no links left.
 */
export function linksOf(values: readonly string[], root: string): (path: string) => string {
  const named = values.flatMap((value) => value.match(NAMED) ?? []);
  const followed = new Map(named.map((path) => [path, resolveIn(root, path)]));
  return (path) => followed.get(path) ?? path;
}
