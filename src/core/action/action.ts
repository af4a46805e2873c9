/**
 * An action: one thing that a process asks of the kernel. One word for three things: what a trace recorded, what the
 * model judges, and what a probe tries.
 */
import type { Capability } from "../kernel/capability.ts";
import type { ErrnoName } from "../kernel/errno.ts";
import type { NamespaceKind } from "../kernel/namespace.ts";
import type { Abi, SyscallName } from "../kernel/syscalls/syscall.ts";
import type { Gap } from "./gap.ts";

/** One argument of a call. A filter sees numbers only; the rest is what a probe passes by address. */
export type Argument =
  /** A number in the register, as the kernel gets it (unsigned 64 bits). */
  | { readonly kind: "number"; readonly value: bigint }
  /** The address of a NUL-terminated string. */
  | { readonly kind: "text"; readonly text: string }
  /** The address of these bytes (0…255 each), writable. */
  | { readonly kind: "bytes"; readonly bytes: readonly number[] }
  /** The address of a zeroed buffer. Buffers of one name are one buffer. */
  | { readonly kind: "room"; readonly size: number; readonly name?: string }
  /** The address of an array of words of the ABI's size, each the value of an argument: an iovec, an argv. */
  | { readonly kind: "pointers"; readonly to: readonly Argument[] }
  /** What an earlier step of the same probe returned. */
  | { readonly kind: "result"; readonly of: string }
  /** Not recorded: an address, or a number that no wall looks at. */
  | { readonly kind: "unknown" };

/** A system call as a filter sees it. Arguments left out at the end are unknown. */
export interface Call {
  readonly abi: Abi;
  readonly name: SyscallName;
  readonly arguments: readonly Argument[];
  /** It is not called: an io_uring of the process does the same, and no filter sees that. */
  readonly through?: "ring";
}

/** What a path is used for; each is refused by other walls. */
export type Access =
  | "read"
  | "write"
  /** Makes a name: open with O_CREAT of a new file, mkdir, mknod, link, symlink, rename's target. */
  | "create"
  /** Takes a name away: unlink, rmdir, rename's source. */
  | "remove"
  | "execute"
  /** Changes owner, mode, times or attributes. */
  | "change"
  /** Looks only: stat, access, readlink, getxattr, listing is `read`. */
  | "look";

/** What is known of the file at a path; without it, ownership is not judged. */
export interface FileFacts {
  readonly type: "file" | "directory" | "symlink" | "char" | "block" | "fifo" | "socket";
  readonly uid: number;
  readonly gid: number;
  /** Permission bits, 0…0o7777. */
  readonly mode: number;
  /** Of a device node. */
  readonly device?: { readonly major: number; readonly minor: number };
  /** The same of the directory that holds it; decides over create and remove. */
  readonly parent?: { readonly uid: number; readonly gid: number; readonly mode: number };
}

/** What is known of another process that an action aims at. */
export interface ProcessFacts {
  readonly uid: number;
  readonly gid: number;
  /** `unit`: of the service itself; `neighbour`: any other; `init`: PID 1. */
  readonly relation: "self" | "unit" | "neighbour" | "init";
  /** Permitted ones; absent: root has all, others none. */
  readonly capabilities?: readonly Capability[];
  /** Absent: it is in the user namespace of the machine. Else it is in one of its own, which this user made. */
  readonly userNamespace?: { readonly owner: number };
}

/**
 * What is done to another process: a signal; tracing, or as much by another name (its memory, its descriptors); reading what the kernel
 * shows of its memory; going through its root directory or into its namespaces; its resource limits; saying which one is meant, and no more.
 */
export const PROCESS_OPERATIONS = ["signal", "trace", "inspect", "enter", "limit", "name"] as const;

/** One of these. */
export type ProcessOperation = (typeof PROCESS_OPERATIONS)[number];

/** A class in which a process keeps the processor until it gives it up, or one that is as good. */
export type RealTimePolicy = "SCHED_FIFO" | "SCHED_RR" | "SCHED_DEADLINE";

/** What an action needs besides the filter's leave. All of them must be granted. */
export type Need =
  /**
   * A path, absolute and free of symlinks as seen without any wall. Of /proc, a process's own directory is
   * `/proc/self`, another's `/proc/[pid]`, PID 1's `/proc/1`: numbers would never be the same twice.
   * Connecting to a UNIX socket is `look` here (read-only file systems do not stop it) beside an `address`. `process`: whose directory
   * of /proc the path is in; what lies below its `root` is seen as that process sees it.
   */
  | {
      readonly kind: "path";
      readonly path: string;
      readonly access: Access;
      readonly file?: FileFacts;
      readonly process?: ProcessFacts;
    }
  /** A capability towards the user namespace that owns a namespace of this kind; `init`: towards the initial one; `own`: the process's own. */
  | {
      readonly kind: "capability";
      readonly capability: Capability;
      /** Any of these does as well (CAP_SYS_ADMIN beside CAP_PERFMON). */
      readonly or?: readonly Capability[];
      readonly over: NamespaceKind | "init" | "own";
    }
  /** Taking on a user or a group that is not one's own: CAP_SETUID, CAP_SETGID over one's own user namespace, which must map it. */
  | { readonly kind: "become"; readonly uid?: number; readonly gid?: number }
  /** Making or entering namespaces. */
  | { readonly kind: "namespace"; readonly namespaces: readonly NamespaceKind[] }
  | {
      readonly kind: "address";
      readonly operation: "bind" | "connect" | "send" | "receive";
      readonly family: string;
      /** Textual address, path (as of a path need) or abstract name (`@name`); empty where there is none. */
      readonly address: string;
      readonly port?: number;
      readonly transport?: "tcp" | "udp";
    }
  /** Memory that becomes executable. */
  | {
      readonly kind: "memory";
      readonly operation: "map" | "protect" | "attach";
      readonly writable: boolean;
      readonly executable: boolean;
      /** For `protect`: the mapping was executable before. */
      readonly already?: boolean;
    }
  | { readonly kind: "process"; readonly operation: ProcessOperation; readonly target: ProcessFacts }
  /** An object of an IPC namespace that another identity made. */
  | { readonly kind: "ipc"; readonly object: "sysv" | "mqueue"; readonly uid: number; readonly mode: number }
  /** A real-time or deadline scheduling class: CAP_SYS_NICE or RLIMIT_RTPRIO. Absent: not recorded. */
  | { readonly kind: "real-time"; readonly policy?: RealTimePolicy; readonly priority?: number }
  /** Memory that counts against RLIMIT_MEMLOCK, in bytes. */
  | { readonly kind: "locked-memory"; readonly bytes: number }
  /** Privilege gained by executing a set-user-ID file of this owner (absent: root). */
  | { readonly kind: "gain"; readonly uid?: number }
  /** A key of another's keyring. */
  | { readonly kind: "keyring"; readonly keyring: "session" | "user" }
  /**
   * Whoever listens at a UNIX socket (a path, or `@name`) must take the process for somebody whom it obeys: it asks the kernel who
   * is at the other end.
   */
  | { readonly kind: "trust"; readonly address: string };

/** One action. */
export interface Action {
  readonly call: Call;
  readonly needs: readonly Need[];
}

/** In place of a call: what was needed outside of any, in a page fault or by a service that was only tried out. */
export interface NoCall {
  readonly kind: "none";
}

/** An action as it was recorded. */
export interface SeenAction {
  readonly call: Call | NoCall;
  readonly needs: readonly Need[];
}

/** The call of an action, if it has one. */
export function callOf({ call }: SeenAction): Call | undefined {
  return "name" in call ? call : undefined;
}

/** The calls that run another program; execve(2), execveat(2). */
export const EXECUTING: ReadonlySet<string> = new Set(["execve", "execveat"]);

/** Where in the life of a service something was seen. */
export type Phase = "start" | "workload" | "reload" | "restart" | "stop";

/** Who did it. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** An action with what was seen of it. `result` is `"ok"` or the name of the error. */
export interface Seen {
  readonly action: SeenAction;
  readonly result: "ok" | ErrnoName;
  readonly phases: readonly Phase[];
  readonly identities: readonly Identity[];
  /** Absolute paths of the executables that did it. */
  readonly executables: readonly string[];
  /** Merged by maximum, so that merging twice changes nothing. */
  readonly count: number;
  /** The sixteen smallest salted hashes of the hosts where it was seen (hexadecimal, sorted). */
  readonly hosts: readonly string[];
}

/** The most that a service was seen to use at one time. */
export interface Peak {
  /** Processes and threads. */
  readonly tasks: number;
  /** Bytes of memory. */
  readonly memory: number;
  /** Open files of one process. */
  readonly files: number;
}

/** What a service did: the document `cloison.observation/2`. */
export interface Observation {
  readonly schema: "cloison.observation/2";
  readonly unit: string;
  readonly seen: readonly Seen[];
  readonly gaps: readonly Gap[];
  /** The phases that were gone through, in the order of a service's life. */
  readonly phases: readonly Phase[];
  /** Absent where nobody looked, or nothing ran long enough. */
  readonly peak?: Peak;
}
