/**
 * Flags of mmap(2), mprotect(2), shmat(2) and memfd_create(2). Facts: asm-generic/mman-common.h, asm/mman.h of x86, PowerPC and mips,
 * linux/shm.h, linux/memfd.h.
 */
import type { Abi } from "./syscalls/table.ts";

/** Protection of memory: name → value. */
export const PROT_FLAGS = {
  PROT_READ: 0x1,
  PROT_WRITE: 0x2,
  PROT_EXEC: 0x4,
  PROT_SEM: 0x8,
  PROT_NONE: 0x0,
  PROT_GROWSDOWN: 0x01000000,
  PROT_GROWSUP: 0x02000000,
} as const;

/** Flags of a mapping: name → value. */
export const MAP_FLAGS = {
  MAP_SHARED: 0x01,
  MAP_PRIVATE: 0x02,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  MAP_POPULATE: 0x008000,
  MAP_NONBLOCK: 0x010000,
  MAP_STACK: 0x020000,
  MAP_HUGETLB: 0x040000,
  MAP_SYNC: 0x080000,
  MAP_FIXED_NOREPLACE: 0x100000,
  MAP_GROWSDOWN: 0x0100,
  MAP_DENYWRITE: 0x0800,
  MAP_EXECUTABLE: 0x1000,
  MAP_LOCKED: 0x2000,
  MAP_NORESERVE: 0x4000,
  MAP_32BIT: 0x40,
} as const;

const { MAP_32BIT: _32bit, ...COMMON } = MAP_FLAGS;

const PPC = { ...COMMON, MAP_LOCKED: 0x80, MAP_NORESERVE: 0x40 };

const { MAP_SYNC: _sync, ...WITHOUT_SYNC } = COMMON;

const MIPS = {
  ...WITHOUT_SYNC,
  MAP_ANONYMOUS: 0x800,
  MAP_POPULATE: 0x10000,
  MAP_NONBLOCK: 0x20000,
  MAP_STACK: 0x40000,
  MAP_HUGETLB: 0x80000,
  MAP_GROWSDOWN: 0x1000,
  MAP_DENYWRITE: 0x2000,
  MAP_EXECUTABLE: 0x4000,
  MAP_LOCKED: 0x8000,
  MAP_NORESERVE: 0x400,
};

/** The flags of a mapping as an ABI numbers them. */
export function mapFlagsOf(abi: Abi): Readonly<Record<string, number>> {
  if (abi === "x86_64" || abi === "i386" || abi === "x32") {
    return MAP_FLAGS;
  }
  if (abi.startsWith("ppc")) {
    return PPC;
  }
  return abi.startsWith("mips") ? MIPS : COMMON;
}

/** Flags of shmat(2): name → value. */
export const SHM_FLAGS = {
  SHM_RDONLY: 0o10000,
  SHM_RND: 0o20000,
  SHM_REMAP: 0o40000,
  SHM_EXEC: 0o100000,
} as const;

/** Flags of memfd_create(2): name → value. */
export const MEMFD_FLAGS = { MFD_CLOEXEC: 0x1 } as const;
