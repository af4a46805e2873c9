/**
 * What an io_uring does is no system call, so no seccomp filter sees it. Facts: io_uring(7), IORING_OP_* in the kernel's
 * include/uapi/linux/io_uring.h: those of Linux 6.12 that do what a call of the same name does.
 */
import { numberOf } from "../../kernel/syscalls/syscall.ts";
import { MACHINE } from "../../probes/act.ts";
import { useIoUring } from "../../probes/kernel/use-io-uring.ts";
import type { Wall } from "../../sandbox/wall.ts";
import type { AbiPolicy, Rule } from "../../seccomp/policy/policy.ts";
import type { Power } from "../power.ts";

const OPERATIONS = [
  ...["readv", "writev", "read", "write", "openat", "openat2", "close", "statx", "fallocate", "ftruncate", "fsync"],
  ...["sendmsg", "recvmsg", "sendto", "recvfrom", "accept4", "connect", "socket", "bind", "listen", "shutdown"],
  ...["renameat2", "unlinkat", "mkdirat", "symlinkat", "linkat", "setxattr", "fsetxattr", "getxattr", "fgetxattr"],
  ...["madvise", "fadvise64", "splice", "tee", "epoll_ctl", "epoll_wait", "waitid"],
] as const;

/** A filter that answers none of these operations: the ring's work does not pass it. */
function besideRing(wall: Wall): Wall {
  if (wall.kind !== "filter") {
    return wall;
  }
  const calls = OPERATIONS.flatMap((name) => numberOf(MACHINE.abi, name) ?? []);
  const free: Rule = { calls, when: [], action: { kind: "allow" } };
  const own = wall.policy.abis[MACHINE.abi];
  const opened: AbiPolicy =
    own === undefined ? { rules: [free], otherwise: wall.policy.foreign } : { ...own, rules: [free, ...own.rules] };
  return { ...wall, policy: { ...wall.policy, abis: { ...wall.policy.abis, [MACHINE.abi]: opened } } };
}

/** The power: have the kernel do calls from a ring. */
export const ioUring: Power = {
  id: "io-uring",
  title: "asks by io_uring",
  follows: "Files, sockets and directories are opened and made without any filter that looks at calls.",
  ways: [useIoUring],
  gives: ({ walls }) => ({ walls: walls.map(besideRing) }),
};
