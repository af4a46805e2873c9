/**
 * The arguments of system calls: what a filter finds in which of the six words, and how many bits of it the kernel
 * reads. Facts: the generated table; for calls that a 64-bit kernel does not trace and for the differences between ABIs
 * section 2 of the manual (syscall(2), clone(2), mmap2(2), fadvise64(2), sync_file_range(2) …).
 */
import { ARGUMENTS } from "./arguments.generated.ts";
import { tableOf } from "./syscall.ts";
import type { Abi } from "./table.ts";

/** One argument of a call, in the order of the words of a filter. */
export interface SyscallArgument {
  readonly name: string;
  /** `padding`: a word that holds nothing, so that the pair behind it begins at an even place. */
  readonly kind: "signed" | "unsigned" | "pointer" | "padding";
  /** How many low bits the kernel reads; it ignores the bits above them. */
  readonly width: 16 | 32 | 64;
  /** Set where two words of 32 bits make one argument. */
  readonly half?: "lo" | "hi";
}

/** Calls without a tracing event on the machine that the table was made on, in its notation. */
const UNTRACED: Readonly<Record<string, string>> = {
  _llseek: "fd:u32 offset_high:ulong offset_low:ulong result:ptr whence:u32",
  _newselect: "n:i32 inp:ptr outp:ptr exp:ptr tvp:ptr",
  arm_fadvise64_64: "fd:i32 advice:i32 offset:i64 len:i64",
  arm_sync_file_range: "fd:i32 flags:u32 offset:i64 nbytes:i64",
  delete_module: "name_user:ptr flags:u32",
  fadvise64_64: "fd:i32 offset:i64 len:i64 advice:i32",
  fcntl64: "fd:u32 cmd:u32 arg:ulong",
  finit_module: "fd:i32 uargs:ptr flags:i32",
  fstat64: "fd:ulong statbuf:ptr",
  fstatat64: "dfd:i32 filename:ptr statbuf:ptr flag:i32",
  fstatfs64: "fd:u32 sz:ulong buf:ptr",
  ftruncate64: "fd:u32 length:i64",
  get_thread_area: "u_info:ptr",
  init_module: "umod:ptr len:ulong uargs:ptr",
  ipc: "call:u32 first:i32 second:ulong third:ulong ptr:ptr fifth:long",
  kexec_file_load: "kernel_fd:i32 initrd_fd:i32 cmdline_len:ulong cmdline_ptr:ptr flags:ulong",
  kexec_load: "entry:ulong nr_segments:ulong segments:ptr flags:ulong",
  lookup_dcookie: "cookie64:u64 buf:ptr len:ulong",
  lstat64: "filename:ptr statbuf:ptr",
  map_shadow_stack: "addr:ulong size:ulong flags:u32",
  mmap2: "addr:ulong len:ulong prot:ulong flags:ulong fd:ulong pgoff:ulong",
  nice: "increment:i32",
  recv: "fd:i32 ubuf:ptr size:ulong flags:u32",
  send: "fd:i32 buff:ptr len:ulong flags:u32",
  sendfile64: "out_fd:i32 in_fd:i32 offset:ptr count:ulong",
  set_thread_area: "u_info:ptr",
  sigaction: "sig:i32 act:ptr oact:ptr",
  signal: "sig:i32 handler:ptr",
  sigpending: "uset:ptr",
  sigprocmask: "how:i32 nset:ptr oset:ptr",
  socketcall: "call:i32 args:ptr",
  stat64: "filename:ptr statbuf:ptr",
  statfs64: "path:ptr sz:ulong buf:ptr",
  stime: "tptr:ptr",
  sync_file_range2: "fd:i32 flags:u32 offset:i64 nbytes:i64",
  truncate64: "path:ptr length:i64",
  umount: "name:ptr",
  uselib: "library:ptr",
  waitpid: "pid:i32 stat_addr:ptr options:i32",
};

/** The same call without the suffix for 64-bit times or for 32-bit user and group ids. */
function traced(name: string): string | undefined {
  for (const ending of ["_time64", "64", "32"]) {
    if (name.endsWith(ending)) {
      const base = name.slice(0, -ending.length);
      if (Object.hasOwn(ARGUMENTS, base)) {
        return ARGUMENTS[base];
      }
    }
  }
  return undefined;
}

/** `clone(2)`: the order differs by ABI; the kernel uses only the lower 32 bits of the flags (kernel/fork.c). */
const CLONE = {
  plain: "clone_flags:u32 newsp:ulong parent_tidptr:ptr child_tidptr:ptr tls:ulong",
  backwards: "clone_flags:u32 newsp:ulong parent_tidptr:ptr tls:ulong child_tidptr:ptr",
  "stack-first": "newsp:ulong clone_flags:u32 parent_tidptr:ptr child_tidptr:ptr tls:ulong",
} as const;

/** ABIs on which mmap and select take a single pointer to their arguments in memory (mmap2(2), select(2)). */
const IN_MEMORY: Readonly<Record<string, readonly Abi[]>> = {
  mmap: ["i386", "s390x", "s390"],
  select: ["i386"],
};

function notation(abi: Abi, name: string): string | undefined {
  if (name === "clone") {
    return CLONE[tableOf(abi).clone];
  }
  if (name === "fadvise64_64" && abi === "ppc") {
    return UNTRACED.arm_fadvise64_64;
  }
  if (Object.hasOwn(IN_MEMORY, name) && IN_MEMORY[name]?.includes(abi) === true) {
    return "args:ptr";
  }
  if (Object.hasOwn(UNTRACED, name)) {
    return UNTRACED[name];
  }
  return Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : traced(name);
}

/** ABIs of 32 bits on which a pair of words begins at an even place (syscall(2)). */
const ALIGNED: ReadonlySet<Abi> = new Set(["arm", "ppc", "mips", "mipsel"]);

const KINDS: Readonly<Record<string, SyscallArgument["kind"]>> = {
  i32: "signed",
  long: "signed",
  i64: "signed",
  ptr: "pointer",
};

function widthOf(type: string, bits: 32 | 64): SyscallArgument["width"] {
  if (type === "u16") {
    return 16;
  }
  return type === "i32" || type === "u32" ? 32 : bits;
}

function wordsOf(abi: Abi, text: string): readonly SyscallArgument[] {
  const { bits, littleEndian } = tableOf(abi);
  const words: SyscallArgument[] = [];
  for (const part of text.split(" ").filter((each) => each !== "")) {
    const [name = "", type = ""] = part.split(":");
    const kind = KINDS[type] ?? "unsigned";
    if (bits === 64 || !type.endsWith("64")) {
      words.push({ name, kind, width: widthOf(type, bits) });
      continue;
    }
    if (ALIGNED.has(abi) && words.length % 2 === 1) {
      words.push({ name: "", kind: "padding", width: 32 });
    }
    for (const half of littleEndian ? (["lo", "hi"] as const) : (["hi", "lo"] as const)) {
      words.push({ name, kind, width: 32, half });
    }
  }
  // On mips a seventh argument is passed on the stack, where no filter sees it.
  return words.slice(0, 6);
}

/**
 * What the argument words of a call hold: undefined for a call whose arguments are not known or that the ABI lacks, an
 * empty list for a call without arguments. Words that a call does not use may hold anything.
 *
 * @example
 * import { argumentsOf } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(argumentsOf("x86_64", "socket")[0], { name: "family", kind: "signed", width: 32 });
 * assert.equal(argumentsOf("s390x", "clone")[1].name, "clone_flags");
 * assert.equal(argumentsOf("arm", "ftruncate64")[1].kind, "padding");
 */
export function argumentsOf(abi: Abi, name: string): readonly SyscallArgument[] | undefined {
  if (!Object.hasOwn(tableOf(abi).numbers, name)) {
    return undefined;
  }
  const text = notation(abi, name);
  return text === undefined ? undefined : wordsOf(abi, text);
}
