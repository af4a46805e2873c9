/**
 * Calls that stand for each other: another libc, kernel or code path of the same program may use any of a family where
 * one was seen. Facts: syscalls(2) and the manual page of each call; what glibc 2.28 to 2.41 and musl 1.2 fall back to.
 */
import type { SyscallName } from "../kernel/syscalls/syscall.ts";

/** Families of calls of equal power. */
export const SIBLINGS: readonly (readonly SyscallName[])[] = [
  ["open", "openat", "openat2", "creat"],
  ["stat", "lstat", "fstat", "newfstatat", "statx"],
  ["access", "faccessat", "faccessat2"],
  ["clone", "clone3", "fork", "vfork"],
  ["execve", "execveat"],
  ["wait4", "waitid"],
  ["read", "pread64", "readv", "preadv"],
  ["write", "pwrite64", "writev", "pwritev"],
  ["dup", "dup2", "dup3"],
  ["pipe", "pipe2"],
  ["poll", "ppoll", "epoll_wait", "epoll_pwait"],
  ["select", "pselect6", "poll"],
  ["epoll_create", "epoll_create1"],
  ["epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2"],
  ["eventfd", "eventfd2"],
  ["accept", "accept4"],
  ["sendto", "sendmsg", "sendmmsg"],
  ["recvfrom", "recvmsg", "recvmmsg"],
  ["getsockname", "getpeername"],
  ["getsockopt", "setsockopt"],
  ["close", "close_range"],
  ["getdents", "getdents64"],
  ["readlink", "readlinkat"],
  ["statfs", "fstatfs"],
  ["unlink", "unlinkat"],
  ["rmdir", "unlinkat"],
  ["rename", "renameat", "renameat2"],
  ["mkdir", "mkdirat"],
  ["link", "linkat"],
  ["symlink", "symlinkat"],
  ["chmod", "fchmod", "fchmodat", "fchmodat2"],
  ["chown", "fchown", "fchownat", "lchown"],
  ["truncate", "ftruncate"],
  ["utime", "utimes", "utimensat", "futimesat"],
  ["fsync", "fdatasync"],
  ["sendfile", "copy_file_range"],
  ["splice", "tee"],
  ["kill", "tgkill"],
  ["signalfd", "signalfd4"],
  ["rt_sigsuspend", "rt_sigtimedwait", "rt_sigpending"],
  ["timerfd_create", "timerfd_settime", "timerfd_gettime"],
  ["timer_create", "timer_settime", "timer_delete", "timer_gettime", "timer_getoverrun"],
  ["setitimer", "getitimer", "alarm"],
  ["inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch"],
  ["getxattr", "lgetxattr", "fgetxattr"],
  ["setxattr", "lsetxattr", "fsetxattr"],
  ["listxattr", "llistxattr", "flistxattr"],
  ["removexattr", "lremovexattr", "fremovexattr"],
  ["setuid", "setreuid", "setresuid"],
  ["setgid", "setregid", "setresgid"],
  ["shmget", "shmat", "shmdt", "shmctl"],
  ["semget", "semop", "semtimedop", "semctl"],
  ["msgget", "msgsnd", "msgrcv", "msgctl"],
  ["io_setup", "io_submit", "io_getevents", "io_pgetevents", "io_destroy", "io_cancel"],
  ["mlock", "mlock2", "munlock"],
  ["mlockall", "munlockall"],
  ["sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min"],
  ["preadv", "preadv2"],
  ["pwritev", "pwritev2"],
];

/**
 * What a program that is told "no such call" (ENOSYS) makes instead without the user noticing, the direct replacement
 * first; none: it does without.
 */
export const FALLBACKS: { readonly [name in SyscallName]?: readonly SyscallName[] } = {
  clone3: ["clone", "vfork", "fork"],
  openat2: ["openat", "open"],
  faccessat2: ["faccessat", "access"],
  fchmodat2: ["fchmodat", "chmod"],
  statx: ["newfstatat", "stat", "lstat", "fstat"],
  close_range: ["close"],
  epoll_pwait2: ["epoll_pwait", "epoll_wait"],
  rseq: [],
  pidfd_open: ["wait4", "waitid"],
  renameat2: ["renameat", "rename"],
  copy_file_range: ["sendfile", "read"],
  preadv2: ["preadv", "readv", "pread64"],
  pwritev2: ["pwritev", "writev", "pwrite64"],
};

/**
 * What nearly every server makes sooner or later, the likeliest first: starting, waiting for descriptors and children,
 * files, memory, sockets, ending by abort. Which of them a workload shows is chance.
 */
export const VITAL: readonly SyscallName[] = [
  ...([
    "read",
    "write",
    "close",
    "openat",
    "fstat",
    "newfstatat",
    "lseek",
    "poll",
    "ppoll",
    "pselect6",
    "wait4",
    "fcntl",
    "ioctl",
  ] as const),
  ...(["mremap", "madvise", "rt_sigaction", "rt_sigprocmask", "sigaltstack", "clone", "clone3"] as const),
  ...(["pread64", "pwrite64", "readv", "writev", "open", "stat", "lstat", "statx"] as const),
  ...(["access", "faccessat", "faccessat2", "readlink", "getcwd", "getdents64", "kill", "tgkill"] as const),
  ...(["socket", "connect", "bind", "sendto", "recvfrom", "sendmsg", "recvmsg", "getsockname"] as const),
  ...(["getpeername", "setsockopt", "getsockopt", "shutdown", "pipe2", "dup", "dup2", "dup3"] as const),
  ...(["unlink", "unlinkat", "rename", "renameat2", "mkdir", "ftruncate", "fsync", "fdatasync"] as const),
  ...(["uname", "sysinfo", "umask", "prctl", "flock", "sendfile", "copy_file_range", "socketpair"] as const),
  ...(["chmod", "fchmod", "rmdir"] as const),
  ...(["inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "msync"] as const),
];

/** Calls that usually go with others, and why. */
export interface Likely {
  /** Families of which calls were seen; empty: whatever was seen. */
  readonly after: readonly (readonly SyscallName[])[];
  /** Of how many of the families at least; absent: of one. */
  readonly least?: number;
  readonly calls: readonly SyscallName[];
  /** What goes on, after which they are likely. */
  readonly because: string;
}

const CHANGES_TREES: readonly (readonly SyscallName[])[] = [
  ["mkdir", "mkdirat"],
  ["rmdir"],
  ["rename", "renameat", "renameat2"],
  ["unlink", "unlinkat"],
  ["chmod", "fchmod", "fchmodat", "fchmodat2"],
];

/** What usually goes with what was seen. */
export const LIKELY: readonly Likely[] = [
  { after: [], calls: VITAL, because: "nearly every server makes it sooner or later" },
  {
    after: CHANGES_TREES,
    least: 3,
    calls: ["utimensat", "symlink", "link"],
    because: "who makes, renames and removes files keeps their links and times, too",
  },
  {
    after: [["socket"]],
    calls: ["sendmmsg"],
    because: "who talks to others looks names up, and glibc asks both questions at once",
  },
  {
    after: [["epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait"]],
    calls: ["epoll_create1", "epoll_ctl", "epoll_wait", "eventfd2", "timerfd_create", "timerfd_settime"],
    because: "who waits with epoll is woken by event descriptors and timers",
  },
  {
    after: [
      ["fork", "vfork"],
      ["wait4", "waitid"],
    ],
    calls: ["waitid", "vfork", "pipe", "setsid"],
    because: "who has children starts them over pipes, and waits for them",
  },
];
