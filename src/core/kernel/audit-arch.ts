/**
 * Architectures by the number that audit and seccomp give them: AUDIT_ARCH_* of include/uapi/linux/audit.h. That is the
 * machine number of ELF with flags: 0x80000000 for 64 bits, 0x40000000 for little-endian, 0x20000000 for mips n32.
 */

/** Values by name, without AUDIT_ARCH_. */
export const AUDIT_ARCHES: Readonly<Record<string, number>> = {
  AARCH64: 0xc00000b7,
  ALPHA: 0xc0009026,
  ARCOMPACT: 0x4000005d,
  ARCOMPACTBE: 0x0000005d,
  ARCV2: 0x400000c3,
  ARCV2BE: 0x000000c3,
  ARM: 0x40000028,
  ARMEB: 0x00000028,
  C6X: 0x4000008c,
  C6XBE: 0x0000008c,
  CRIS: 0x4000004c,
  CSKY: 0x400000fc,
  FRV: 0x00005441,
  H8300: 0x0000002e,
  HEXAGON: 0x000000a4,
  I386: 0x40000003,
  IA64: 0xc0000032,
  M32R: 0x00000058,
  M68K: 0x00000004,
  MICROBLAZE: 0x000000bd,
  MIPS: 0x00000008,
  MIPSEL: 0x40000008,
  MIPS64: 0x80000008,
  MIPS64N32: 0xa0000008,
  MIPSEL64: 0xc0000008,
  MIPSEL64N32: 0xe0000008,
  NDS32: 0x400000a7,
  NDS32BE: 0x000000a7,
  NIOS2: 0x40000071,
  OPENRISC: 0x0000005c,
  PARISC: 0x0000000f,
  PARISC64: 0x8000000f,
  PPC: 0x00000014,
  PPC64: 0x80000015,
  PPC64LE: 0xc0000015,
  RISCV32: 0x400000f3,
  RISCV64: 0xc00000f3,
  S390: 0x00000016,
  S390X: 0x80000016,
  SH: 0x0000002a,
  SHEL: 0x4000002a,
  SH64: 0x8000002a,
  SHEL64: 0xc000002a,
  SPARC: 0x00000002,
  SPARC64: 0x8000002b,
  TILEGX: 0xc00000bf,
  TILEGX32: 0x400000bf,
  TILEPRO: 0x400000bc,
  UNICORE: 0x4000006e,
  X86_64: 0xc000003e,
  XTENSA: 0x0000005e,
  LOONGARCH32: 0x40000102,
  LOONGARCH64: 0xc0000102,
};

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(AUDIT_ARCHES).map(([name, value]) => [value, name]));

/** `AUDIT_ARCH_X86_64` for 0xc000003e; undefined for a value without a name. */
export function auditArchName(value: number): string | undefined {
  const name = NAMES.get(value >>> 0);
  return name === undefined ? undefined : `AUDIT_ARCH_${name}`;
}

/** The value of `AUDIT_ARCH_X86_64`, or of `X86_64`; undefined for another word. */
export function auditArchValue(word: string): number | undefined {
  const name = word.startsWith("AUDIT_ARCH_") ? word.slice("AUDIT_ARCH_".length) : word;
  return Object.hasOwn(AUDIT_ARCHES, name) ? AUDIT_ARCHES[name] : undefined;
}
