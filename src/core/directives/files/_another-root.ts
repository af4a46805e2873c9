/**
 * What is mounted in another root besides itself. Facts: systemd.exec(5) "MountAPIVFS="; systemd's namespace.c: each only
 * where the root has no mount of its own.
 */
import type { WallOrigin } from "../../sandbox/origin.ts";
import { mountWall } from "../_mount.ts";
import type { PlainWall, UnitFacts } from "../directive.ts";

/** /proc, /sys, /dev and /run, which a command with the prefix `+` does without. */
export function apiOfAnotherRoot(by: WallOrigin, { privilege }: UnitFacts): readonly PlainWall[] {
  if (privilege === "full") {
    return [];
  }
  return [
    mountWall(by, "/proc", { kind: "proc", hide: "default", pidOnly: false }),
    ...["/dev", "/sys"].map((path) => mountWall(by, path, { kind: "bind", source: path, readOnly: false })),
    mountWall(by, "/run", { kind: "empty", readOnly: false }),
  ];
}
