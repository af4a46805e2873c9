/** The arguments of calls as a person names them: `family`, `AF_VSOCK`, `CLONE_NEWUSER`. Facts: the manual pages of the calls. */
import { ADDRESS_FAMILIES } from "../../kernel/address-family.ts";
import {
  CLOCKS,
  FCNTL_COMMANDS,
  FUTEX_OPERATIONS,
  IPC_CALLS,
  KEYCTL_OPERATIONS,
  MEMORY_ADVICE,
  PTRACE_REQUESTS,
  SOCKET_CALLS,
} from "../../kernel/argument-values.generated.ts";
import { type ArgumentValues, valuesOn } from "../../kernel/argument-values.ts";
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { MODE_BITS } from "../../kernel/file-mode.ts";
import { ioctlsOf } from "../../kernel/ioctl-request.ts";
import { mapFlagsOf, PROT_FLAGS, SHM_FLAGS } from "../../kernel/memory-flags.ts";
import { MOUNT_FLAGS } from "../../kernel/mount-flags.ts";
import { openFlagsOf } from "../../kernel/open-flags.ts";
import { PRCTL_OPTIONS } from "../../kernel/prctl-option.ts";
import { SCHEDULER_POLICIES } from "../../kernel/scheduler-policy.ts";
import { signalsOf } from "../../kernel/signal.ts";
import { argumentsOf } from "../../kernel/syscalls/arguments.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";

type Names = Readonly<Record<string, number>>;

/** Names that stand for other values on some ABIs. */
type NamesOf = (abi: Abi) => Names;

/** The names of an argument's values, and whether they are flags, each with its own bits, or codes. */
interface Meaning {
  readonly names: Names | NamesOf;
  readonly flags: boolean;
}

const flags = (names: Names | NamesOf): Meaning => ({ names, flags: true });
const codes = (names: Names | NamesOf): Meaning => ({ names, flags: false });
const from = (values: ArgumentValues): Meaning => codes((abi) => valuesOn(values, abi));
const clock = { which_clock: from(CLOCKS), clockid: from(CLOCKS) };
const futex = { op: from(FUTEX_OPERATIONS) };

/** By call and name of the argument, the names of its values. */
const MEANINGS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  socket: { family: codes(ADDRESS_FAMILIES) },
  socketcall: { call: from(SOCKET_CALLS) },
  ipc: { call: from(IPC_CALLS) },
  socketpair: { family: codes(ADDRESS_FAMILIES) },
  clone: { clone_flags: flags(CLONE_FLAGS) },
  unshare: { unshare_flags: flags(CLONE_FLAGS) },
  setns: { flags: flags(CLONE_FLAGS), nstype: flags(CLONE_FLAGS) },
  ioctl: { cmd: codes(ioctlsOf) },
  prctl: { option: codes(PRCTL_OPTIONS) },
  fcntl: { cmd: from(FCNTL_COMMANDS) },
  fcntl64: { cmd: from(FCNTL_COMMANDS) },
  futex,
  futex_time64: futex,
  keyctl: { option: from(KEYCTL_OPERATIONS) },
  madvise: { behavior: from(MEMORY_ADVICE) },
  process_madvise: { behavior: from(MEMORY_ADVICE) },
  ptrace: { request: from(PTRACE_REQUESTS) },
  clock_gettime: clock,
  clock_gettime64: clock,
  clock_settime: clock,
  clock_settime64: clock,
  clock_getres: clock,
  clock_getres_time64: clock,
  clock_nanosleep: clock,
  clock_nanosleep_time64: clock,
  timer_create: clock,
  timerfd_create: clock,
  mmap: { prot: flags(PROT_FLAGS), flags: flags(mapFlagsOf) },
  mmap2: { prot: flags(PROT_FLAGS), flags: flags(mapFlagsOf) },
  mprotect: { prot: flags(PROT_FLAGS) },
  pkey_mprotect: { prot: flags(PROT_FLAGS) },
  shmat: { shmflg: flags(SHM_FLAGS) },
  open: { flags: flags(openFlagsOf), mode: flags(MODE_BITS) },
  openat: { flags: flags(openFlagsOf), mode: flags(MODE_BITS) },
  creat: { mode: flags(MODE_BITS) },
  chmod: { mode: flags(MODE_BITS) },
  fchmod: { mode: flags(MODE_BITS) },
  fchmodat: { mode: flags(MODE_BITS) },
  fchmodat2: { mode: flags(MODE_BITS) },
  mkdir: { mode: flags(MODE_BITS) },
  mkdirat: { mode: flags(MODE_BITS) },
  mknod: { mode: flags(MODE_BITS) },
  mknodat: { mode: flags(MODE_BITS) },
  mount: { flags: flags(MOUNT_FLAGS) },
  sched_setscheduler: { policy: codes(SCHEDULER_POLICIES) },
  kill: { sig: codes(signalsOf) },
  tkill: { sig: codes(signalsOf) },
  tgkill: { sig: codes(signalsOf) },
};

/** How to talk about an argument of a call. */
export interface Spoken {
  readonly name: string;
  /** How many low bits the kernel reads; 64 if unknown. */
  readonly width: number;
  readonly names: Names;
  /** Whether a mask test asks for flags; with codes it tests part of the value. */
  readonly flags: boolean;
}

const UNNAMED: Meaning = flags({});

/** The names of a call's argument and of its values. */
export function spokenArgument(abi: Abi, call: string, argument: number): Spoken {
  const own = argumentsOf(abi, call)?.[argument];
  const name = own === undefined || own.kind === "padding" ? `args[${argument}]` : own.name;
  const half = own?.half === undefined ? "" : `.${own.half}`;
  const { names, flags } = (Object.hasOwn(MEANINGS, call) ? MEANINGS[call]?.[name] : undefined) ?? UNNAMED;
  const named = typeof names === "function" ? names(abi) : names;
  return { name: `${name}${half}`, width: own?.width ?? 64, names: named, flags };
}

function plain(value: bigint): string {
  return value < 10n ? value.toString() : `0x${value.toString(16)}`;
}

/** One value by name, or as a number. */
export function valueText({ names }: Spoken, value: bigint): string {
  const entry = Object.entries(names).find(([, number]) => BigInt(number) === value);
  return entry?.[0] ?? plain(value);
}

/** The bits of a mask by name, in the order of the table; what no name covers comes as a number. */
export function bitsText({ names }: Spoken, mask: bigint): readonly string[] {
  const parts: string[] = [];
  let rest = mask;
  for (const [name, number] of Object.entries(names)) {
    const bits = BigInt(number);
    if (bits === 0n || (rest & bits) !== bits) {
      continue;
    }
    parts.push(name);
    rest &= ~bits;
  }
  return rest === 0n ? parts : [...parts, plain(rest)];
}
