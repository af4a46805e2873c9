/**
 * Requests of ioctl(2) that filters are written for. Facts: asm-generic/ioctls.h, which most architectures use;
 * asm/ioctls.h of PowerPC and mips.
 */
import type { Abi } from "./syscalls/table.ts";

/** Name → value. */
export const IOCTLS = {
  TCGETS: 0x5401,
  TIOCSTI: 0x5412,
  TIOCGWINSZ: 0x5413,
  TIOCLINUX: 0x541c,
  FIONREAD: 0x541b,
} as const;

type Ioctls = { readonly [name in keyof typeof IOCTLS]: number };

const PPC: Ioctls = { ...IOCTLS, TCGETS: 0x402c7413, TIOCGWINSZ: 0x40087468, FIONREAD: 0x4004667f };

const MIPS: Ioctls = { TCGETS: 0x540d, TIOCSTI: 0x5472, TIOCGWINSZ: 0x40087468, TIOCLINUX: 0x5483, FIONREAD: 0x467f };

/** The requests as an ABI numbers them. */
export function ioctlsOf(abi: Abi): Ioctls {
  if (abi.startsWith("ppc")) {
    return PPC;
  }
  return abi.startsWith("mips") ? MIPS : IOCTLS;
}
