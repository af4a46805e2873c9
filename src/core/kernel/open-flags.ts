/** Flags of open(2). Facts: asm-generic/fcntl.h; x86, RISC-V, s390 (ARM and PowerPC number O_DIRECTORY, O_NOFOLLOW, O_DIRECT and O_LARGEFILE differently). */

import type { Abi } from "./syscalls/table.ts";

/** Name → value; O_SYNC contains O_DSYNC, O_TMPFILE contains O_DIRECTORY. */
export const OPEN_FLAGS = {
  O_RDONLY: 0,
  O_WRONLY: 0o1,
  O_RDWR: 0o2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_NOCTTY: 0o400,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_SYNC: 0o4010000,
  O_DSYNC: 0o10000,
  O_DIRECT: 0o40000,
  O_LARGEFILE: 0o100000,
  O_TMPFILE: 0o20200000,
  O_DIRECTORY: 0o200000,
  O_NOFOLLOW: 0o400000,
  O_NOATIME: 0o1000000,
  O_CLOEXEC: 0o2000000,
  O_PATH: 0o10000000,
} as const;

/** O_CREAT of mips (its asm/fcntl.h); other architectures with a system-call table have the usual one. */
export function createFlagOf(abi: Abi): number {
  return abi.startsWith("mips") ? 0x100 : OPEN_FLAGS.O_CREAT;
}

/** The bits that say read, write or both. */
export const O_ACCMODE = 3;
