/**
 * A user of its own for a service that starts as root, as data: the lines of a drop-in, and what must change on disk first.
 * Facts: systemd.exec(5), sysusers.d(5), tmpfiles.d(5), logrotate(8).
 */
import type { Capability } from "../kernel/capability.ts";

/** Whose user it is to be. */
export type Owner =
  | {
      /** An account of the machine. `group`: the service's main group. */
      readonly kind: "existing";
      readonly user: string;
      readonly group: string;
      readonly uid: number;
      readonly gid: number;
    }
  /** An account that a line of sysusers.d makes, with a group of its name. */
  | { readonly kind: "new"; readonly user: string; readonly group: string }
  /** DynamicUser=: for a service that keeps nothing. */
  | { readonly kind: "dynamic" };

/** One line of the drop-in, or several of one name. */
export interface OwnLine {
  readonly name: string;
  readonly values: readonly string[];
  readonly reason: string;
}

/** Something that changes on disk before the first start, and that is taken back with the drop-in. */
export type DiskChange =
  | {
      /** Owner and group of what is there. Absent: it stays. */
      readonly kind: "owner";
      readonly path: string;
      readonly user: string;
      readonly group?: string;
    }
  /** A file that is made anew: of sysusers.d or tmpfiles.d. */
  | { readonly kind: "file"; readonly path: string; readonly content: string; readonly for: "sysusers" | "tmpfiles" }
  /** A line of a file of the administrator's; `from` is the whole line, which stands there once. */
  | { readonly kind: "line"; readonly path: string; readonly from: string; readonly to: readonly string[] };

/** The command that makes what the lines of such a file say. */
export function makerOf({ for: reader, path }: Extract<DiskChange, { readonly kind: "file" }>): readonly string[] {
  return reader === "sysusers" ? ["systemd-sysusers", path] : ["systemd-tmpfiles", "--create", path];
}

/** What is to be tried. */
export interface OwnUserPlan {
  readonly owner: Owner;
  readonly lines: readonly OwnLine[];
  readonly changes: readonly DiskChange[];
  /** What stays in effect although it is not root: kept as ambient capabilities. */
  readonly ambient: readonly Capability[];
  /** What Cloison could not place, in words: it may keep the service from starting. */
  readonly unplaced: readonly Unplaced[];
}

/** A path that the service uses as root and could not use as its own user. */
export interface Unplaced {
  readonly path: string;
  readonly why: string;
}
