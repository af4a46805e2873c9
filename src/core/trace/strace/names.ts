/**
 * Which names strace prints in place of numbers, by call and position; `-X raw` prints none. The commands of bpf(2),
 * keyctl(2) and ioctl(2) are left out and read only as numbers. Facts: strace(1), strace 6.13; the tables of core/kernel.
 */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import { AT_FLAGS } from "../../kernel/at-flags.ts";
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { FILE_TYPES, MODE_BITS } from "../../kernel/file-mode.ts";
import { PROT_FLAGS, SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { MOUNT_FLAGS, UMOUNT_FLAGS } from "../../kernel/mount-flags.ts";
import { OPEN_FLAGS } from "../../kernel/open-flags.ts";
import { PRCTL_OPTIONS } from "../../kernel/prctl-option.ts";
import { SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { SIGNALS } from "../../kernel/signal.ts";
import { SOCKET_FLAGS, SOCKET_TYPES } from "../../kernel/socket-type.ts";

/** Names with their numbers. */
export type Names = Readonly<Record<string, number>>;

/** The names of one argument: its own, or those of the fields of a structure. */
type ArgumentNames = { readonly own: Names } | { readonly fields: Readonly<Record<string, Names>> };

const MODE: Names = { ...FILE_TYPES, ...MODE_BITS };
const TYPES: Names = { ...SOCKET_TYPES, ...SOCKET_FLAGS };
const KEYRINGS: Names = { KEY_SPEC_SESSION_KEYRING: -3, KEY_SPEC_USER_KEYRING: -4, KEY_SPEC_USER_SESSION_KEYRING: -5 };

function own(at: Readonly<Record<number, Names>>): Readonly<Record<number, ArgumentNames>> {
  return Object.fromEntries(Object.entries(at).map(([index, names]) => [index, { own: names }]));
}

const SOCKET = own({ 0: ADDRESS_FAMILIES, 1: TYPES });
const PROTECTION = own({ 2: PROT_FLAGS });

const BY_CALL: ReadonlyMap<string, Readonly<Record<number, ArgumentNames>>> = new Map(
  Object.entries({
    open: own({ 1: OPEN_FLAGS, 2: MODE }),
    creat: own({ 1: MODE }),
    openat: own({ 2: OPEN_FLAGS, 3: MODE }),
    openat2: { 2: { fields: { flags: OPEN_FLAGS } } },
    name_to_handle_at: own({ 4: AT_FLAGS }),
    newfstatat: own({ 3: AT_FLAGS }),
    fstatat64: own({ 3: AT_FLAGS }),
    faccessat2: own({ 3: AT_FLAGS }),
    statx: own({ 2: AT_FLAGS }),
    mkdir: own({ 1: MODE }),
    mkdirat: own({ 2: MODE }),
    mknod: own({ 1: MODE }),
    mknodat: own({ 2: MODE }),
    linkat: own({ 4: AT_FLAGS }),
    chmod: own({ 1: MODE }),
    fchmod: own({ 1: MODE }),
    fchmodat: own({ 2: MODE }),
    fchmodat2: own({ 2: MODE, 3: AT_FLAGS }),
    fchownat: own({ 4: AT_FLAGS }),
    utimensat: own({ 3: AT_FLAGS }),
    utimensat_time64: own({ 3: AT_FLAGS }),
    execveat: own({ 4: AT_FLAGS }),
    mmap: PROTECTION,
    mmap2: PROTECTION,
    mprotect: PROTECTION,
    pkey_mprotect: PROTECTION,
    shmat: own({ 2: SHM_FLAGS }),
    mount: own({ 3: MOUNT_FLAGS }),
    umount2: own({ 1: UMOUNT_FLAGS }),
    syslog: own({ 0: { SYSLOG_ACTION_READ_ALL: 3, SYSLOG_ACTION_SIZE_BUFFER: 10 } }),
    keyctl: own({ 1: KEYRINGS }),
    add_key: own({ 4: KEYRINGS }),
    request_key: own({ 3: KEYRINGS }),
    prctl: own({ 0: PRCTL_OPTIONS }),
    clone: own({ 0: { ...CLONE_FLAGS, ...SIGNALS } }),
    clone3: { 0: { fields: { flags: CLONE_FLAGS } } },
    unshare: own({ 0: CLONE_FLAGS }),
    setns: own({ 1: CLONE_FLAGS }),
    kill: own({ 1: SIGNALS }),
    tkill: own({ 1: SIGNALS }),
    tgkill: own({ 2: SIGNALS }),
    rt_sigqueueinfo: own({ 1: SIGNALS }),
    rt_tgsigqueueinfo: own({ 2: SIGNALS }),
    pidfd_send_signal: own({ 1: SIGNALS }),
    ptrace: own({ 0: { PTRACE_TRACEME: 0, PTRACE_ATTACH: 16, PTRACE_SEIZE: 0x4206 } }),
    sched_setscheduler: own({ 1: SCHEDULER_POLICIES }),
    sched_setattr: { 1: { fields: { sched_policy: SCHEDULER_POLICIES } } },
    socket: SOCKET,
    socketpair: SOCKET,
    setsockopt: own({ 1: { SOL_SOCKET: 1 }, 2: { SO_SNDBUFFORCE: 32, SO_RCVBUFFORCE: 33 } }),
  }),
);

/** The names that may stand in an argument of a call; undefined where none is known. */
export function namesOf(call: string, index: number): ArgumentNames | undefined {
  return BY_CALL.get(call)?.[index];
}
