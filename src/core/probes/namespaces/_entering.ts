/** What entering PID 1's mount namespace asks for: mntns_install() in the kernel's fs/namespace.c. */
import type { Need } from "../../action/action.ts";

/** CAP_SYS_ADMIN towards the owner of that namespace, and in one's own user namespace that and CAP_SYS_CHROOT. */
export const MAY_ENTER: readonly Need[] = [
  { kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" },
  { kind: "capability", capability: "CAP_SYS_CHROOT", over: "own" },
];
