/** Flags of open(2). Facts: asm-generic/fcntl.h, which most architectures use; asm/fcntl.h of arm, arm64, PowerPC and mips. */

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

/** The same in all ABIs here; Node's own constants lack it. */
export const O_PATH: number = OPEN_FLAGS.O_PATH;

/** Values by name, in the order of OPEN_FLAGS. */
type OpenFlags = { readonly [name in keyof typeof OPEN_FLAGS]: number };

const ARM: OpenFlags = {
  ...OPEN_FLAGS,
  O_DIRECTORY: 0o40000,
  O_NOFOLLOW: 0o100000,
  O_DIRECT: 0o200000,
  O_LARGEFILE: 0o400000,
  O_TMPFILE: 0o20040000,
};

const PPC: OpenFlags = { ...ARM, O_LARGEFILE: 0o200000, O_DIRECT: 0o400000 };

const MIPS: OpenFlags = {
  ...OPEN_FLAGS,
  O_APPEND: 0x8,
  O_DSYNC: 0x10,
  O_NONBLOCK: 0x80,
  O_CREAT: 0x100,
  O_TRUNC: 0x200,
  O_EXCL: 0x400,
  O_NOCTTY: 0x800,
  O_LARGEFILE: 0x2000,
  O_SYNC: 0x4010,
  O_DIRECT: 0x8000,
};

/** The flags as an ABI numbers them. */
export function openFlagsOf(abi: Abi): OpenFlags {
  if (abi === "arm" || abi === "aarch64") {
    return ARM;
  }
  if (abi.startsWith("ppc")) {
    return PPC;
  }
  return abi.startsWith("mips") ? MIPS : OPEN_FLAGS;
}

/** The bits that say read, write or both. */
export const O_ACCMODE = 3;
