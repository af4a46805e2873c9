/**
 * What is mounted in another root besides itself. Facts: systemd.exec(5) "MountAPIVFS="; systemd's namespace.c: each only
 * where the root has no mount of its own.
 */

import type { WallOrigin } from "../sandbox/origin.ts";
import { mountWall } from "./_mount.ts";
import { privateDevices } from "./devices/private-devices.ts";
import type { PlainWall, UnitFacts } from "./directive.ts";

/** /proc, /sys, /dev and /run, which a command with the prefix `+` does without. */
export function apiOfAnotherRoot(by: WallOrigin, facts: UnitFacts): readonly PlainWall[] {
  if (facts.privilege === "full") {
    return [];
  }
  // A /dev of the unit's own stands in the place of the machine's.
  const shown = facts.valueOf(privateDevices) ? ["/sys"] : ["/dev", "/sys"];
  return [
    mountWall(by, "/proc", { kind: "proc", hide: "default", pidOnly: false }),
    ...shown.map((path) => mountWall(by, path, { kind: "bind", source: path, readOnly: false })),
    mountWall(by, "/run", { kind: "empty", readOnly: false }),
  ];
}
