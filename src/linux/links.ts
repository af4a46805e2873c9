/** Resolves the paths that a unit names: systemd follows their symbolic links before it mounts anything. */
import { resolveIn } from "./beneath.ts";

/** Absolute paths in a right-hand side: at its start, or after a separator or prefix. */
const NAMED = /(?<=^|[\s:=~"'+-])\/[^\s:"']+/g;

/**
 * Resolves the paths in these right-hand sides now, since the root may be gone when they are asked for. Any other path is
 * returned as written: what a service was seen to use has no links left.
 */
export function linksOf(values: readonly string[], root: string): (path: string) => string {
  const named = values.flatMap((value) => value.match(NAMED) ?? []);
  const followed = new Map(named.map((path) => [path, resolveIn(root, path)]));
  return (path) => followed.get(path) ?? path;
}
