/** Calls that take paths. Facts: open(2), openat2(2), stat(2), statx(2), rename(2), link(2), symlink(2), xattr(7), utimensat(2). */

import type { Access, Need } from "../../action/action.ts";
import { AT_FLAGS } from "../../kernel/at-flags.ts";
import { FILE_TYPES, S_IFMT } from "../../kernel/file-mode.ts";
import { O_ACCMODE, OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { type FinishedCall, keepsId, numberAt, returned, succeeded } from "../call/call.ts";
import { type Base, inspectNeed, pathAt, pathNeed, pathOfDescriptor, settle } from "../call/paths.ts";
import { fieldOf, numberOfValue } from "../call/value.ts";
import { each, type Meaning, type Meanings } from "./meaning.ts";

/** Whether the last component's link is followed: always, never, or unless the flag in an argument says otherwise. */
type Follow =
  | boolean
  | { readonly index: number; readonly unless: number }
  | { readonly index: number; readonly if: number };

function follows(call: FinishedCall, follow: Follow): boolean {
  if (typeof follow === "boolean") {
    return follow;
  }
  const flags = numberAt(call, follow.index) ?? 0;
  return "unless" in follow ? (flags & follow.unless) === 0 : (flags & follow.if) !== 0;
}

/** One path of a call: what it is relative to, its argument, what it is used for. */
interface Use {
  readonly base: Base;
  readonly index: number;
  readonly access: Access;
  readonly follow: Follow;
}

function needsOfUse(call: FinishedCall, use: Use): readonly Need[] {
  const written = pathAt(call, use.base, use.index);
  if (written === undefined) {
    return needsOfDescriptor(call, use);
  }
  const path = settle(call, written, follows(call, use.follow));
  return [pathNeed(call, path, use.access, written), ...inspectNeed(call, written)];
}

/** An empty or absent path: the call is about the descriptor itself. */
function needsOfDescriptor(call: FinishedCall, use: Use): readonly Need[] {
  if (use.access === "look" || typeof use.base !== "number") {
    return [];
  }
  const path = pathOfDescriptor(call.argument(use.base));
  return path === undefined ? [] : [pathNeed(call, settle(call, path, true), use.access)];
}

function uses(...list: readonly Use[]): Meaning {
  return { needs: (call) => list.flatMap((use) => needsOfUse(call, use)) };
}

function use(base: Base, index: number, access: Access, follow: Follow = true): Use {
  return { base, index, access, follow };
}

const NOFOLLOW = AT_FLAGS.AT_SYMLINK_NOFOLLOW;

/** How flags of open use the file, apart from creating it. */
function accessesOfFlags(flags: number): readonly Access[] {
  if ((flags & OPEN_FLAGS.O_PATH) !== 0) {
    return ["look"];
  }
  const mode = flags & O_ACCMODE;
  const reads = mode !== OPEN_FLAGS.O_WRONLY;
  const writes = mode !== OPEN_FLAGS.O_RDONLY || (flags & OPEN_FLAGS.O_TRUNC) !== 0;
  return [...(reads ? (["read"] as const) : []), ...(writes ? (["write"] as const) : [])];
}

/** The file that an open refers to: the one that the kernel reports, else the path as written. */
function openedPath(call: FinishedCall, written: string, flags: number): string {
  const opened = pathOfDescriptor(returned(call));
  const isMagic = /^(\/proc\/(self|thread-self)\/(fd|map_files)\/|\/dev\/(fd\/|std))/.test(written);
  if (opened !== undefined && (isMagic || !written.startsWith("/proc/"))) {
    return settle(call, opened, false);
  }
  return settle(call, written, (flags & OPEN_FLAGS.O_NOFOLLOW) === 0);
}

function openNeeds(call: FinishedCall, base: Base, index: number, flags: number | undefined): readonly Need[] {
  const written = pathAt(call, base, index);
  if (written === undefined) {
    return [];
  }
  if (flags === undefined) {
    call.gap({ code: "flags", call: call.name });
    return [];
  }
  const path = openedPath(call, written, flags);
  const unnamed = (flags & OPEN_FLAGS.O_TMPFILE) === OPEN_FLAGS.O_TMPFILE;
  if (unnamed) {
    return [pathNeed(call, settle(call, written, true), "write")];
  }
  const creates = (flags & OPEN_FLAGS.O_CREAT) !== 0 && madeByCall(call, path, flags);
  const accesses: readonly Access[] = creates ? [...accessesOfFlags(flags), "create"] : accessesOfFlags(flags);
  return [...accesses.map((access) => pathNeed(call, path, access, written)), ...inspectNeed(call, written)];
}

/** Whether an open with O_CREAT created the file: opening an existing one needs no right to create. */
function madeByCall(call: FinishedCall, path: string, flags: number): boolean {
  if ((flags & OPEN_FLAGS.O_EXCL) !== 0) {
    return true;
  }
  return call.world.existed?.(path) !== true;
}

const CREATES = OPEN_FLAGS.O_WRONLY | OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_TRUNC;

function linkNeeds(call: FinishedCall, from: Use, to: Use): readonly Need[] {
  return [from, to].flatMap((one) => needsOfUse(call, one));
}

function mknodMeaning(base: Base, index: number, mode: number): Meaning {
  return {
    numbers: [mode],
    needs: (call) => {
      const type = (numberAt(call, mode) ?? 0) & S_IFMT;
      const device = type === FILE_TYPES.S_IFCHR || type === FILE_TYPES.S_IFBLK;
      const made = needsOfUse(call, use(base, index, "create", false));
      return device ? [...made, { kind: "capability", capability: "CAP_MKNOD", over: "init" }] : made;
    },
  };
}

/** Changing owner or group to any but the caller's own needs CAP_CHOWN; to its own it may not. */
function chownMeaning(path: Use | { readonly descriptor: number }, owner: number): Meaning {
  return {
    needs: (call) => {
      const { uid, gid } = call.process.identity;
      const to = (index: number, own: number): boolean => {
        const id = numberAt(call, index) ?? own;
        return id !== own && !keepsId(id);
      };
      const changes = to(owner, uid) || to(owner + 1, gid);
      const needs = "descriptor" in path ? descriptorNeeds(call, path.descriptor, "change") : needsOfUse(call, path);
      return changes ? [...needs, { kind: "capability", capability: "CAP_CHOWN", over: "own" }] : needs;
    },
  };
}

function descriptorNeeds(call: FinishedCall, index: number, access: Access): readonly Need[] {
  const path = pathOfDescriptor(call.argument(index));
  return path === undefined ? [] : [pathNeed(call, settle(call, path, false), access)];
}

function onDescriptor(index: number, access: Access): Meaning {
  return { needs: (call) => descriptorNeeds(call, index, access) };
}

const opens: Meanings = {
  open: {
    numbers: [1, 2],
    needs: (call) => openNeeds(call, "directory", 0, numberAt(call, 1)),
  },
  creat: { numbers: [1], needs: (call) => openNeeds(call, "directory", 0, CREATES) },
  openat: {
    numbers: [2, 3],
    needs: (call) => openNeeds(call, 0, 1, numberAt(call, 2)),
  },
  openat2: {
    needs: (call) => {
      const flags = numberOfValue(fieldOf(call.argument(2), "flags"));
      return openNeeds(call, 0, 1, flags === undefined ? undefined : Number(flags));
    },
  },
  ...each(["name_to_handle_at"], uses(use(0, 1, "look", { index: 4, if: AT_FLAGS.AT_SYMLINK_FOLLOW }))),
  open_by_handle_at: {
    needs: () => [{ kind: "capability", capability: "CAP_DAC_READ_SEARCH", over: "init" }],
  },
};

const looks: Meanings = {
  ...each(
    ["stat", "stat64", "oldstat", "access", "statfs", "statfs64", "getxattr", "listxattr"],
    uses(use("directory", 0, "look")),
  ),
  ...each(
    ["lstat", "lstat64", "oldlstat", "readlink", "lgetxattr", "llistxattr"],
    uses(use("directory", 0, "look", false)),
  ),
  ...each(["newfstatat", "fstatat64", "faccessat2"], uses(use(0, 1, "look", { index: 3, unless: NOFOLLOW }))),
  statx: uses(use(0, 1, "look", { index: 2, unless: NOFOLLOW })),
  faccessat: uses(use(0, 1, "look")),
  readlinkat: uses(use(0, 1, "look", false)),
  ...each(["inotify_add_watch"], uses(use("directory", 1, "read"))),
  fanotify_mark: uses(use(3, 4, "look")),
};

const names: Meanings = {
  mkdir: { numbers: [1], ...uses(use("directory", 0, "create", false)) },
  mkdirat: { numbers: [2], ...uses(use(0, 1, "create", false)) },
  mknod: mknodMeaning("directory", 0, 1),
  mknodat: mknodMeaning(0, 1, 2),
  ...each(["unlink", "rmdir"], uses(use("directory", 0, "remove", false))),
  unlinkat: uses(use(0, 1, "remove", false)),
  rename: {
    needs: (call) => linkNeeds(call, use("directory", 0, "remove", false), use("directory", 1, "create", false)),
  },
  ...each(["renameat", "renameat2"], {
    needs: (call) => linkNeeds(call, use(0, 1, "remove", false), use(2, 3, "create", false)),
  }),
  link: { needs: (call) => linkNeeds(call, use("directory", 0, "look", false), use("directory", 1, "create", false)) },
  linkat: {
    needs: (call) =>
      linkNeeds(call, use(0, 1, "look", { index: 4, if: AT_FLAGS.AT_SYMLINK_FOLLOW }), use(2, 3, "create", false)),
  },
  symlink: uses(use("directory", 1, "create", false)),
  symlinkat: uses(use(1, 2, "create", false)),
};

const changes: Meanings = {
  chmod: { numbers: [1], ...uses(use("directory", 0, "change")) },
  fchmodat: { numbers: [2], ...uses(use(0, 1, "change")) },
  fchmodat2: { numbers: [2], ...uses(use(0, 1, "change", { index: 3, unless: NOFOLLOW })) },
  fchmod: { numbers: [1], ...onDescriptor(0, "change") },
  ...each(["chown", "chown32"], chownMeaning(use("directory", 0, "change"), 1)),
  ...each(["lchown", "lchown32"], chownMeaning(use("directory", 0, "change", false), 1)),
  fchownat: chownMeaning(use(0, 1, "change", { index: 4, unless: NOFOLLOW }), 2),
  ...each(["fchown", "fchown32"], chownMeaning({ descriptor: 0 }, 1)),
  ...each(["utime", "utimes", "setxattr", "removexattr"], uses(use("directory", 0, "change"))),
  ...each(["lsetxattr", "lremovexattr"], uses(use("directory", 0, "change", false))),
  futimesat: uses(use(0, 1, "change")),
  ...each(["utimensat", "utimensat_time64"], uses(use(0, 1, "change", { index: 3, unless: NOFOLLOW }))),
  ...each(["fsetxattr", "fremovexattr"], onDescriptor(0, "change")),
  ...each(["truncate", "truncate64"], uses(use("directory", 0, "write"))),
  ...each(["swapon", "swapoff"], {
    needs: (call) => [
      ...needsOfUse(call, use("directory", 0, "write")),
      { kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" },
    ],
  }),
  acct: {
    needs: (call) => [
      ...needsOfUse(call, use("directory", 0, "write")),
      { kind: "capability", capability: "CAP_SYS_PACCT", over: "init" },
    ],
  },
};

const places: Meanings = {
  chdir: {
    ...uses(use("directory", 0, "look")),
    effect: (call) => {
      const path = succeeded(call) ? pathAt(call, "directory", 0) : undefined;
      if (path !== undefined) {
        call.process.place.directory = settle(call, path, true);
      }
    },
  },
  fchdir: {
    effect: (call) => {
      const path = succeeded(call) ? pathOfDescriptor(call.argument(0)) : undefined;
      if (path !== undefined) {
        call.process.place.directory = path;
      }
    },
  },
  chroot: {
    needs: (call) => [
      ...needsOfUse(call, use("directory", 0, "look")),
      { kind: "capability", capability: "CAP_SYS_CHROOT", over: "own" },
    ],
    effect: (call) => {
      const path = succeeded(call) ? pathAt(call, "directory", 0) : undefined;
      if (path !== undefined) {
        call.process.place.root = settle(call, path, true);
      }
    },
  },
};

/** Meanings of all calls that take paths, but for execution, mounts and sockets. */
export const fileMeanings: Meanings = { ...opens, ...looks, ...names, ...changes, ...places };
