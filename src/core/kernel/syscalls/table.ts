/** The shape of a system-call table. Facts: linux/audit.h, the unistd headers. */

/** A system-call convention. x32 shares x86_64's AUDIT_ARCH and is told apart by bit 30 of the number. */
export type Abi = "x86_64" | "i386" | "x32";

/** The system calls of one ABI. */
export interface SyscallTable {
  readonly abi: Abi;
  /** AUDIT_ARCH_*: what a seccomp filter reads in `seccomp_data.arch`. */
  readonly audit: number;
  /** Order of the two halves of a 64-bit argument in `seccomp_data`. */
  readonly littleEndian: boolean;
  /** Name → number as in `seccomp_data.nr`; the x32 numbers include bit 30. */
  readonly numbers: Readonly<Record<string, number>>;
}
