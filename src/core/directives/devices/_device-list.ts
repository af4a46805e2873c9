/** Device rules: which nodes `closed` leaves, and how a word of DeviceAllow= is read. Facts: systemd.resource-control(5); systemd 257's own list, measured. */
import type { DeviceRule } from "../../sandbox/wall.ts";
import type { UnitFacts } from "../directive.ts";

/** One word pair of DeviceAllow=: a node, or a class as `char-NAME` or `block-NAME`; `access` of the letters r, w, m. */
export interface DeviceEntry {
  readonly device: string;
  readonly access: string;
}

function character(major: number, minor: number | "*", access: string): DeviceRule {
  return { type: "char", major, minor, access };
}

/** Pseudo-devices by path: the same numbers on every Linux (Documentation/admin-guide/devices.txt). */
const PSEUDO: Readonly<Record<string, DeviceRule>> = {
  "/dev/null": character(1, 3, "rwm"),
  "/dev/zero": character(1, 5, "rwm"),
  "/dev/full": character(1, 7, "rwm"),
  "/dev/random": character(1, 8, "rwm"),
  "/dev/urandom": character(1, 9, "rwm"),
  "/dev/tty": character(5, 0, "rwm"),
  "/dev/ptmx": character(5, 2, "rwm"),
};

const PTS_MAJORS = [136, 137, 138, 139, 140, 141, 142, 143];

/** What DevicePolicy=closed leaves: the pseudo-devices, and pseudo-terminals without making nodes of them. */
export const CLOSED: readonly DeviceRule[] = [
  ...Object.values(PSEUDO),
  ...PTS_MAJORS.map((major) => character(major, "*", "rw")),
];

/**
 * What systemd opens to mount images: loop-control, the control of the device mapper, loop devices, extended partitions. The
 * mapper's own disks have numbers given at boot: all block devices of the range for such drivers stand for them.
 */
export const OF_IMAGES: readonly DeviceRule[] = [
  character(10, 237, "rw"),
  character(10, 236, "rw"),
  ...[7, 259, ...Array.from({ length: 21 }, (_, index) => 234 + index)].map(
    (major): DeviceRule => ({ type: "block", major, minor: "*", access: "rwm" }),
  ),
];

/** Whether closed leaves a device. */
export function isClosedDevice(
  device: { readonly major: number; readonly minor: number },
  type: "char" | "block",
): boolean {
  return CLOSED.some(
    (rule) => rule.type === type && rule.major === device.major && (rule.minor === "*" || rule.minor === device.minor),
  );
}

/** The rules of one entry. A device that cannot be looked up gives none: it is judged as refused. */
export function rulesOfEntry({ device, access }: DeviceEntry, facts: UnitFacts): readonly DeviceRule[] {
  const known = PSEUDO[device];
  if (known !== undefined) {
    return [{ ...known, access }];
  }
  if (device === "char-*") {
    return [{ type: "char", major: "*", minor: "*", access }];
  }
  if (device === "block-*") {
    return [{ type: "block", major: "*", minor: "*", access }];
  }
  if (device === "char-pts") {
    return PTS_MAJORS.map((major) => character(major, "*", access));
  }
  return (facts.device?.(device) ?? []).map((rule) => ({ ...rule, access }));
}
