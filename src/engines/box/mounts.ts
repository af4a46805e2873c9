/**
 * How each mount of the host appears in a box: as an overlay of its own, read-only, or not at all. What overlayfs takes as a
 * lower layer: the kernel's Documentation/filesystems/overlayfs.rst and measurements on Linux 6.18.
 */
import { isWithin } from "../../core/kernel/path.ts";
import { type Mount, visibleMounts } from "../../linux/mountinfo.ts";

/** What becomes of one mount of the host other than its root. */
export type Placement =
  | { readonly kind: "overlay"; readonly target: string; readonly flags: readonly string[] }
  | { readonly kind: "read-only"; readonly target: string; readonly reason: string | undefined }
  | { readonly kind: "file"; readonly target: string }
  | { readonly kind: "absent"; readonly target: string; readonly reason: string };

/** The box has its own of these, made fresh. */
const FRESH = ["/proc", "/sys", "/dev", "/run", "/tmp"];
const NO_LOWER = new Set([
  "vfat",
  "msdos",
  "exfat",
  "ntfs",
  "ntfs3",
  "iso9660",
  "overlay",
  "ramfs",
  "9p",
  "virtiofs",
  "fuseblk",
]);
const KERNEL = new Set([
  "proc",
  "sysfs",
  "devtmpfs",
  "devpts",
  "cgroup",
  "cgroup2",
  "mqueue",
  "debugfs",
  "tracefs",
  "securityfs",
]);
const KEPT_FLAGS = new Set(["nosuid", "nodev", "noexec"]);

/** Decides for every visible mount below `/`; `isFile` tells mounts of single files (container runtimes make them). */
export function placeMounts(mounts: readonly Mount[], isFile: (path: string) => boolean): Placement[] {
  const below = visibleMounts(mounts).filter((mount) => mount.target !== "/" && !isFresh(mount.target));
  const placements: Placement[] = [];
  for (const mount of below.toSorted((a, b) => (a.target < b.target ? -1 : 1))) {
    const hidden = placements.some((each) => each.kind === "absent" && isWithin(mount.target, each.target));
    if (!hidden) {
      placements.push(place(mount, isFile));
    }
  }
  return placements;
}

function place(mount: Mount, isFile: (path: string) => boolean): Placement {
  const { target, type } = mount;
  if (type === "autofs") {
    return { kind: "absent", target, reason: "autofs: looking at it would mount it on the host" };
  }
  if (KERNEL.has(type)) {
    return { kind: "absent", target, reason: `a ${type} outside its usual place` };
  }
  if (isFile(target)) {
    return { kind: "file", target };
  }
  if (mount.flags.includes("ro") || mount.superOptions.includes("ro")) {
    return { kind: "read-only", target, reason: undefined };
  }
  if (NO_LOWER.has(type) || type.startsWith("fuse")) {
    return { kind: "read-only", target, reason: `${type} cannot be a lower layer of an overlay` };
  }
  return { kind: "overlay", target, flags: mount.flags.filter((flag) => KEPT_FLAGS.has(flag)) };
}

function isFresh(target: string): boolean {
  return FRESH.some((top) => isWithin(target, top));
}
