/**
 * Which capabilities a call could need at all, whether or not it was seen to be checked: what a search by trial begins
 * with before it tries everything. Facts: capabilities(7), and the manual page of each call.
 */
import { callOf, type Need, type Seen } from "../action/action.ts";
import type { Capability } from "../kernel/capability.ts";
import type { NamespaceKind } from "../kernel/namespace.ts";

/** Capabilities by the calls whose checks they pass. */
const BY_CALL: readonly (readonly [RegExp, readonly Capability[]])[] = [
  [/^(kill|tkill|tgkill|rt_t?gsigqueueinfo|pidfd_send_signal)$/, ["CAP_KILL"]],
  [/^set(re|res|fs)?uid(32)?$/, ["CAP_SETUID"]],
  [/^set((re|res|fs)?gid|groups)(32)?$/, ["CAP_SETGID"]],
  [/^(capset|prctl)$/, ["CAP_SETPCAP", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE", "CAP_CHECKPOINT_RESTORE"]],
  [/^[lf]?chown(at|32)?$/, ["CAP_CHOWN", "CAP_FSETID"]],
  [/^f?chmod(at2?)?$/, ["CAP_FOWNER", "CAP_FSETID"]],
  [/^(utime|utimes|futimesat|utimensat|unlink|unlinkat|rmdir|rename|renameat2?|link|linkat)$/, ["CAP_FOWNER"]],
  [/^[lf]?setxattr(at)?$/, ["CAP_FOWNER", "CAP_SETFCAP", "CAP_SYS_ADMIN", "CAP_MAC_ADMIN"]],
  [/^open(at2?)?$/, ["CAP_FOWNER", "CAP_SYS_RESOURCE"]],
  [/^open_by_handle_at$/, ["CAP_DAC_READ_SEARCH"]],
  [/^mknod(at)?$/, ["CAP_MKNOD"]],
  [/^chroot$/, ["CAP_SYS_CHROOT"]],
  [/^bind$/, ["CAP_NET_BIND_SERVICE", "CAP_NET_ADMIN"]],
  [/^socket$/, ["CAP_NET_RAW", "CAP_NET_ADMIN"]],
  [/^setsockopt$/, ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BROADCAST"]],
  [/^(sendto|sendm?msg)$/, ["CAP_NET_ADMIN", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETUID", "CAP_SETGID"]],
  [/^ioctl$/, ["CAP_NET_ADMIN", "CAP_SYS_TTY_CONFIG", "CAP_LINUX_IMMUTABLE", "CAP_SYS_RAWIO", "CAP_SYS_ADMIN"]],
  [/^fcntl(64)?$/, ["CAP_LEASE", "CAP_SYS_RESOURCE"]],
  [/^(mlock(2|all)?|mmap2?|shmctl|shmget|io_uring_(setup|register))$/, ["CAP_IPC_LOCK"]],
  [/^(shm|sem|msg)(get|ctl|at|op|snd|rcv|timedop)$/, ["CAP_IPC_OWNER", "CAP_SYS_RESOURCE", "CAP_SYS_ADMIN"]],
  [/^mq_open$/, ["CAP_SYS_RESOURCE"]],
  [/^(ptrace|process_vm_(read|write)v|kcmp|process_madvise|get_robust_list|move_pages)$/, ["CAP_SYS_PTRACE"]],
  [/^(setpriority|nice|sched_set(scheduler|param|attr|affinity)|ioprio_set|migrate_pages)$/, ["CAP_SYS_NICE"]],
  [/^(prlimit64|setrlimit)$/, ["CAP_SYS_RESOURCE"]],
  [/^(timer_create|timerfd_create|clock_nanosleep)$/, ["CAP_WAKE_ALARM"]],
  [/^epoll_ctl$/, ["CAP_BLOCK_SUSPEND"]],
  [/^(mount|umount2?|pivot_root|move_mount|mount_setattr|open_tree|fs(open|mount|config|pick))$/, ["CAP_SYS_ADMIN"]],
  [/^(unshare|setns|clone3?)$/, ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_CHECKPOINT_RESTORE"]],
  [/^(set(host|domain)name|swap(on|off)|quotactl(_fd)?|fanotify_init|keyctl|lookup_dcookie)$/, ["CAP_SYS_ADMIN"]],
  [/^bpf$/, ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_ADMIN"]],
  [/^perf_event_open$/, ["CAP_PERFMON", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN"]],
  [/^syslog$/, ["CAP_SYSLOG"]],
  [/^acct$/, ["CAP_SYS_PACCT"]],
  [/^(reboot|kexec_(file_)?load)$/, ["CAP_SYS_BOOT"]],
  [/^(f?init_module|delete_module)$/, ["CAP_SYS_MODULE"]],
  [/^(iopl|ioperm)$/, ["CAP_SYS_RAWIO"]],
  [/^vhangup$/, ["CAP_SYS_TTY_CONFIG"]],
  [/^((clock_)?settime(ofday|64)?|stime|adjtimex|clock_adjtime(64)?)$/, ["CAP_SYS_TIME"]],
];

/** The same by paths: files whose own checks go beyond ownership. */
const BY_PATH: readonly (readonly [RegExp, readonly Capability[]])[] = [
  [/^\/proc\/(\d+|\[pid\])\//, ["CAP_SYS_PTRACE", "CAP_PERFMON"]],
  [/\/oom_score_adj$/, ["CAP_SYS_RESOURCE"]],
  [/\/[ug]id_map$/, ["CAP_SETUID", "CAP_SETGID", "CAP_SETFCAP"]],
  [/^\/proc\/sys\//, ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_RESOURCE", "CAP_SYS_PTRACE"]],
  [/^\/(dev|proc)\/kmsg$/, ["CAP_SYSLOG"]],
  [/^\/dev\/(mem|kmem|port)$|^\/proc\/kcore$|^\/dev\/cpu\//, ["CAP_SYS_RAWIO"]],
  [/^\/sys\/(power|kernel)\//, ["CAP_BLOCK_SUSPEND", "CAP_SYS_ADMIN"]],
  [/^\/dev\/tty|^\/dev\/console$/, ["CAP_SYS_TTY_CONFIG", "CAP_SYS_ADMIN"]],
];

/** Any path may need one of these, where its owner and mode stand against it. */
export const ANY_PATH: readonly Capability[] = ["CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE"];

function matching(table: readonly (readonly [RegExp, readonly Capability[]])[], text: string): readonly Capability[] {
  return table.flatMap(([pattern, capabilities]) => (pattern.test(text) ? capabilities : []));
}

function byNeed(need: Need): readonly Capability[] {
  if (need.kind === "path") {
    return [...ANY_PATH, ...matching(BY_PATH, need.path)];
  }
  return need.kind === "capability" ? [need.capability, ...(need.or ?? [])] : [];
}

/** Every capability that an action could possibly need; each at most once. */
export function plausibleCapabilities({ action }: Seen): readonly Capability[] {
  return [...new Set([...matching(BY_CALL, callOf(action)?.name ?? ""), ...action.needs.flatMap(byNeed)])];
}

/** Capabilities that count towards the process's own user namespace; what the others are for belongs to all. */
const OWN: ReadonlySet<Capability> = new Set<Capability>([
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_SYS_CHROOT",
]);

/** Towards what a capability must be held when only its name is known: the most that it may be. */
export function usualScope(capability: Capability): NamespaceKind | "init" | "own" {
  if (OWN.has(capability)) {
    return "own";
  }
  if (capability.startsWith("CAP_NET_")) {
    return "net";
  }
  return capability === "CAP_IPC_OWNER" ? "ipc" : "init";
}

/**
 * From what an intruder can do least with to what he can do most with. Of two that do as well, the earlier is kept:
 * reading everything is less than reading and writing everything.
 */
export const BY_POWER: readonly Capability[] = [
  ...(["CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_AUDIT_WRITE", "CAP_WAKE_ALARM"] as const),
  ...(["CAP_BLOCK_SUSPEND", "CAP_LEASE", "CAP_FSETID", "CAP_IPC_LOCK", "CAP_SYS_NICE", "CAP_SYS_PACCT"] as const),
  ...(["CAP_SYS_TTY_CONFIG", "CAP_SYS_RESOURCE", "CAP_KILL", "CAP_IPC_OWNER", "CAP_SYS_CHROOT"] as const),
  ...(["CAP_LINUX_IMMUTABLE", "CAP_CHECKPOINT_RESTORE", "CAP_AUDIT_READ", "CAP_SYSLOG"] as const),
  ...(["CAP_NET_RAW", "CAP_SYS_TIME", "CAP_SYS_BOOT", "CAP_AUDIT_CONTROL", "CAP_PERFMON", "CAP_BPF"] as const),
  ...(["CAP_SETPCAP", "CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_READ_SEARCH", "CAP_SETGID", "CAP_SETUID"] as const),
  ...(["CAP_DAC_OVERRIDE", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_MKNOD"] as const),
  ...(["CAP_NET_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_RAWIO", "CAP_SYS_MODULE", "CAP_SYS_ADMIN"] as const),
];
