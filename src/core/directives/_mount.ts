/** Mount walls. Facts: mount_namespaces(7), systemd.exec(5), and systemd 257's mount tables, measured. */
import type { WallOrigin } from "../sandbox/origin.ts";
import type { MountMode } from "../sandbox/wall.ts";
import type { PlainWall } from "./directive.ts";

/** A path of a mount table: a leading `-` says that a missing path is no error. */
export function mountWall(by: WallOrigin, path: string, mode: MountMode): PlainWall {
  const optional = path.startsWith("-");
  return { kind: "mount", by, path: optional ? path.slice(1) : path, mode, optional };
}

/** The same mode for several paths. */
export function mountWalls(by: WallOrigin, mode: MountMode, ...paths: readonly string[]): readonly PlainWall[] {
  return paths.map((path) => mountWall(by, path, mode));
}

/** Read-only with everything below. */
export const READ_ONLY: MountMode = { kind: "read-only" };
/** Covered by an empty node that nobody may open without CAP_DAC_OVERRIDE. */
export const INACCESSIBLE: MountMode = { kind: "inaccessible" };
/** Left as it is. */
export const KEEP: MountMode = { kind: "keep" };
