/** What every call that changes mounts asks for first: may_mount() in the kernel's fs/namespace.c. */
import type { Need } from "../../action/action.ts";
import { AT_FLAGS } from "../../kernel/at-flags.ts";

/** CAP_SYS_ADMIN towards the owner of the mount namespace. */
export const MAY_MOUNT: Need = { kind: "capability", capability: "CAP_SYS_ADMIN", over: "mnt" };

/** Flags of open_tree(2), beside AT_RECURSIVE; linux/mount.h. */
const OPEN_TREE_FLAGS = { OPEN_TREE_CLONE: 1, OPEN_TREE_CLOEXEC: 0o2000000 } as const;

/** What open_tree(2) is asked for, to copy a mount and all below it. */
export const COPY_FLAGS: number =
  OPEN_TREE_FLAGS.OPEN_TREE_CLONE | OPEN_TREE_FLAGS.OPEN_TREE_CLOEXEC | AT_FLAGS.AT_RECURSIVE;
