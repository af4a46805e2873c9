/** Where the walls of a sandbox leave files writable, whoever may write there. Facts: as in mounts.ts. */
import { isWithin } from "../kernel/path.ts";
import { mountPaths, viewOf } from "./mounts.ts";
import type { Wall } from "./wall.ts";

/** File systems of the kernel's own, which hold no data that would stay. */
export const KERNEL_PLACES: readonly string[] = ["/dev", "/proc", "/sys"];

/** The uppermost paths below which files may be written, sorted; `/`: everywhere but where a wall says otherwise. */
export function writablePlaces(walls: readonly Wall[]): readonly string[] {
  const paths = [...new Set(["/", ...mountPaths(walls)])].sort();
  const isWritable = (path: string): boolean => {
    const view = viewOf(walls, path);
    return !view.readOnly && view.content.kind !== "covered";
  };
  const nearestAbove = (path: string): string | undefined =>
    paths.filter((other) => other !== path && isWithin(path, other)).at(-1);
  return paths.filter((path) => {
    const above = nearestAbove(path);
    const repeats = above !== undefined && isWritable(above);
    return isWritable(path) && !repeats && !KERNEL_PLACES.some((place) => isWithin(path, place));
  });
}
