/** What every call that changes mounts asks for first: may_mount() in the kernel's fs/namespace.c. */
import type { Need } from "../../action/action.ts";

/** CAP_SYS_ADMIN towards the owner of the mount namespace. */
export const MAY_MOUNT: Need = { kind: "capability", capability: "CAP_SYS_ADMIN", over: "mnt" };

/** Flags of open_tree(2), beside AT_RECURSIVE; linux/mount.h. */
export const OPEN_TREE_FLAGS = { OPEN_TREE_CLONE: 1, OPEN_TREE_CLOEXEC: 0o2000000 } as const;
