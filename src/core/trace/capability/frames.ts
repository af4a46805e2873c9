/**
 * What the kernel stack of a call to cap_capable() says: whether the capability was needed, over which user namespace, and
 * in which system call. Facts: kernel/capability.c, fs/overlayfs, security/commoncap.c; stacks measured on Linux 6.18 x86_64.
 */
import type { Capability } from "../../kernel/capability.ts";
import type { NamespaceKind } from "../../kernel/namespace.ts";
import { isSyscallName, type SyscallName } from "../../kernel/syscalls/syscall.ts";

/** A capability check, as its stack shows it. */
export interface Asked {
  readonly over: NamespaceKind | "init" | "own";
  /** Undefined where no call is on the stack: in a page fault, in a signal frame. */
  readonly call: SyscallName | undefined;
}

const TRACE_FRAMES = /^(trace_event_|__traceiter_|cap_capable|security_capable)/;
/** Checks whose answer changes nothing for the caller: memory accounting, checks without audit, reserved blocks. */
const SILENT =
  /^(security_vm_enough_memory_mm|cap_vm_enough_memory|.*_noaudit|ext4_has_free_clusters|__vm_enough_memory)$/;
/**
 * Where overlayfs checks with the caller's own credentials: the function that checks, and its caller in overlayfs. All
 * other checks below overlayfs use the credentials of whoever mounted it, on the underlying file.
 */
const CALLERS_OWN: readonly (readonly [RegExp, RegExp])[] = [
  [/^generic_permission$/, /^ovl_permission/],
  [/^setattr_prepare$/, /^ovl_setattr/],
  [/^(inode_owner_or_capable|capable|ns_capable)$/, /^ovl_(fileattr_set|ioctl_set_flags|set_or_remove_acl)/],
];

/** The frames without those of the tracing machinery; the first one made the check. */
function askingFrames(frames: readonly string[]): readonly string[] {
  const first = frames.findIndex((frame) => !TRACE_FRAMES.test(frame));
  return first < 0 ? [] : frames.slice(first);
}

/** Whether overlayfs checked with the credentials of whoever mounted it. */
function isMountersCheck(frames: readonly string[]): boolean {
  const overlay = frames.findIndex((frame) => frame.startsWith("ovl_"));
  if (overlay < 0) {
    return false;
  }
  const checks = frames[overlay - 1] ?? "";
  const caller = frames[overlay] ?? "";
  return !CALLERS_OWN.some(([check, by]) => check.test(checks) && by.test(caller));
}

const ENTRY = /^(?:__x64_sys_|__ia32_sys_|__ia32_compat_sys_|__arm64_sys_)([a-z0-9_]+)$/;
const INNER = /^(?:__do_sys_|__se_sys_|__sys_|ksys_|do_sys_)([a-z0-9_]+)$/;

/** The system call at the bottom of a stack; after a tail call only its inner function may be there. */
export function callOfStack(frames: readonly string[]): SyscallName | undefined {
  for (const pattern of [ENTRY, INNER]) {
    for (const frame of [...frames].reverse()) {
      const name = pattern.exec(frame)?.[1];
      if (name !== undefined && isSyscallName(name)) {
        return name;
      }
      if (name === "newuname" && isSyscallName("uname")) {
        return "uname";
      }
    }
  }
  return undefined;
}

const NETWORK: readonly Capability[] = ["CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW"];
const IPC: readonly Capability[] = ["CAP_IPC_OWNER", "CAP_SYS_RESOURCE"];
const MOUNTS = /^(mount|umount2?|move_mount|open_tree|fs(open|config|mount|pick)|mount_setattr|pivot_root)$/;
const NAMES = /^set(host|domain)name$/;

/** Whose user namespace decides, told by the function that made the check. */
function overWhat(asker: string, capability: Capability, call: SyscallName | ""): Asked["over"] {
  if (asker === "capable" || asker === "capable_wrt_file") {
    return "init";
  }
  if (asker !== "ns_capable") {
    return "own";
  }
  if (NETWORK.includes(capability)) {
    return "net";
  }
  if (IPC.includes(capability) && /^(shm|sem|msg|mq_)/.test(call)) {
    return "ipc";
  }
  if (capability === "CAP_SYS_BOOT") {
    return "pid";
  }
  if (capability === "CAP_SYS_ADMIN" && MOUNTS.test(call)) {
    return "mnt";
  }
  return capability === "CAP_SYS_ADMIN" && NAMES.test(call) ? "uts" : "own";
}

/** Reads a stack, innermost frame first; undefined if the caller needed nothing: a silent check, or one of the mounter. */
export function readStack(frames: readonly string[], capability: Capability): Asked | undefined {
  const asking = askingFrames(frames);
  const [asker] = asking;
  if (asker === undefined || SILENT.test(asker) || isMountersCheck(asking)) {
    return undefined;
  }
  if (asking.slice(0, 3).some((frame) => SILENT.test(frame))) {
    return undefined;
  }
  const call = callOfStack(asking);
  return { over: overWhat(asker, capability, call ?? ""), call };
}
