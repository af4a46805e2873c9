/**
 * Walls that stand on a file. A mount lies on what was at its path when the sandbox was built, not on the name: when another
 * file is renamed there, or the file is removed, the kernel takes the mounts on the old one away, and the new one lies open.
 * Facts: vfs_rename() and __detach_mounts() in the kernel's fs/namei.c and fs/namespace.c; measured on Linux 6.18. A directory
 * on which something is mounted can be renamed, and its mounts go along.
 */
import { isWithin } from "../kernel/path.ts";
import { placeUnder } from "./mounts.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Wall } from "./wall.ts";

type MountWall = Extract<Wall, { readonly kind: "mount" }>;

/** A wall that stands on a file, and which file of the machine that is. */
export interface FileWall {
  readonly wall: MountWall;
  readonly file: string;
}

/** File systems whose files are the kernel's, and are never replaced. */
const OF_THE_KERNEL = ["/proc", "/sys"];

/** The walls that stand on files of the machine, as far as its files are known. */
export function fileWalls(walls: readonly Wall[], { file: look }: Surroundings): readonly FileWall[] {
  return walls.flatMap((wall): readonly FileWall[] => {
    const place = wall.kind === "mount" ? placeUnder(walls, wall.path) : undefined;
    if (wall.kind !== "mount" || place === undefined || OF_THE_KERNEL.some((top) => isWithin(place, top))) {
      return [];
    }
    const there = look?.(place);
    return typeof there === "object" && there.type !== "directory" ? [{ wall, file: place }] : [];
  });
}

const standing = new WeakMap<readonly Wall[], WeakMap<(path: string) => boolean, readonly Wall[]>>();

/** The walls that are left once files were replaced as `surroundings` says; all of them where it says nothing. */
export function standingWalls(walls: readonly Wall[], { replaced }: Surroundings): readonly Wall[] {
  if (replaced === undefined) {
    return walls;
  }
  const known = standing.get(walls) ?? new WeakMap<(path: string) => boolean, readonly Wall[]>();
  standing.set(walls, known);
  const left = known.get(replaced) ?? walls.filter((wall) => !isGone(walls, wall, replaced));
  known.set(replaced, left);
  return left;
}

function isGone(walls: readonly Wall[], wall: Wall, replaced: (path: string) => boolean): boolean {
  const place = wall.kind === "mount" ? placeUnder(walls, wall.path) : undefined;
  return place !== undefined && replaced(place);
}
