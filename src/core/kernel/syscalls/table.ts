/** The shape of a system-call table. Facts: linux/audit.h, the unistd headers, clone(2). */

/** A system call ABI. x32 shares x86_64's AUDIT_ARCH and is told apart by bit 30 of the number. */
export type Abi =
  | "x86_64"
  | "i386"
  | "x32"
  | "aarch64"
  | "arm"
  | "riscv64"
  | "ppc64le"
  | "s390x"
  | "mips64el"
  | "loongarch64"
  | "s390"
  | "ppc64"
  | "ppc"
  | "mips64"
  | "mips64el_n32"
  | "mips64_n32"
  | "mipsel"
  | "mips";

/** The system calls of one ABI. */
export interface SyscallTable {
  readonly abi: Abi;
  /** AUDIT_ARCH_*: what a seccomp filter reads in `seccomp_data.arch`. */
  readonly audit: number;
  /** Order of the two halves of a 64-bit argument in `seccomp_data`. */
  readonly littleEndian: boolean;
  /**
   * Width of an argument. Where it is 32, the kernel reads the lower half only, but a filter may see anything in the
   * upper one: a 64-bit process that enters through `int 0x80` shows its whole registers (measured on Linux 6.18).
   */
  readonly bits: 32 | 64;
  /** Whether the kernel (5.11 and later) remembers which of these calls a filter always allows. */
  readonly cache: boolean;
  /** Order of clone's arguments: `backwards` has tls before child_tid, `stack-first` the stack before the flags. */
  readonly clone: "plain" | "backwards" | "stack-first";
  /** Name → number as in `seccomp_data.nr`; the x32 numbers include bit 30, the mips ones their base. */
  readonly numbers: Readonly<Record<string, number>>;
}
