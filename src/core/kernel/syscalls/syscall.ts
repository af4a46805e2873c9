/** System calls by name and by number, per ABI. Facts: the generated tables beside this file. */
import { AARCH64, type AARCH64Name } from "./aarch64.ts";
import { ARM, type ARMName } from "./arm.ts";
import { I386, type I386Name } from "./i386.ts";
import { LOONGARCH64, type LOONGARCH64Name } from "./loongarch64.ts";
import { MIPS, type MIPSName } from "./mips.ts";
import { MIPS64 } from "./mips64.ts";
import { MIPS64_N32 } from "./mips64_n32.ts";
import { MIPS64EL, type MIPS64ELName } from "./mips64el.ts";
import { MIPS64EL_N32, type MIPS64EL_N32Name } from "./mips64el_n32.ts";
import { MIPSEL } from "./mipsel.ts";
import { PPC, type PPCName } from "./ppc.ts";
import { PPC64 } from "./ppc64.ts";
import { PPC64LE, type PPC64LEName } from "./ppc64le.ts";
import { RISCV64, type RISCV64Name } from "./riscv64.ts";
import { S390, type S390Name } from "./s390.ts";
import { S390X, type S390XName } from "./s390x.ts";
import type { Abi, SyscallTable } from "./table.ts";
import { X32, type X32Name } from "./x32.ts";
import { X86_64, type X86_64Name } from "./x86_64.ts";

export type { Abi, SyscallTable } from "./table.ts";

/** The name of a system call that at least one known ABI has. */
export type SyscallName =
  | X86_64Name
  | I386Name
  | X32Name
  | AARCH64Name
  | ARMName
  | RISCV64Name
  | PPC64LEName
  | S390XName
  | MIPS64ELName
  | LOONGARCH64Name
  | S390Name
  | PPCName
  | MIPS64EL_N32Name
  | MIPSName;

/** Bit 30: set in the number of every x32 call, where x86_64 and x32 share an AUDIT_ARCH. */
export const X32_SYSCALL_BIT = 0x40000000;

const TABLES: Readonly<Record<Abi, SyscallTable>> = {
  x86_64: X86_64,
  i386: I386,
  x32: X32,
  aarch64: AARCH64,
  arm: ARM,
  riscv64: RISCV64,
  ppc64le: PPC64LE,
  s390x: S390X,
  mips64el: MIPS64EL,
  loongarch64: LOONGARCH64,
  s390: S390,
  ppc64: PPC64,
  ppc: PPC,
  mips64: MIPS64,
  mips64el_n32: MIPS64EL_N32,
  mips64_n32: MIPS64_N32,
  mipsel: MIPSEL,
  mips: MIPS,
};

/** The ABIs of an x86-64 machine, native first. */
export const X86_ABIS: readonly Abi[] = ["x86_64", "i386", "x32"];

/** Every ABI that has a table; those of x86-64 come first. */
export const ABIS: readonly Abi[] = Object.values(TABLES).map(({ abi }) => abi);

const KNOWN: ReadonlySet<string> = new Set(Object.values(TABLES).flatMap((table) => Object.keys(table.numbers)));

const inverted = new Map<Abi, ReadonlyMap<number, string>>();

function namesOf(abi: Abi): ReadonlyMap<number, string> {
  const ready = inverted.get(abi);
  if (ready !== undefined) {
    return ready;
  }
  const names = new Map(Object.entries(TABLES[abi].numbers).map(([name, number]) => [number, name]));
  inverted.set(abi, names);
  return names;
}

/** A search over settings looks names up millions of times, and a map is several times faster than a large object. */
const byName = new Map<Abi, ReadonlyMap<string, number>>();

/** The table of an ABI. */
export function tableOf(abi: Abi): SyscallTable {
  return TABLES[abi];
}

/** Whether a word is the name of an ABI that has a table. */
export function isAbi(word: string): word is Abi {
  return Object.hasOwn(TABLES, word);
}

/**
 * The number of a call on an ABI; undefined if that ABI does not have it.
 *
 * @example
 * import { numberOf } from "cloison";
 * import assert from "node:assert";
 * assert.equal(numberOf("x86_64", "execve"), 59);
 * assert.equal(numberOf("i386", "execve"), 11);
 * assert.equal(numberOf("x86_64", "socketcall"), undefined);
 */
export function numberOf(abi: Abi, name: string): number | undefined {
  let numbers = byName.get(abi);
  if (numbers === undefined) {
    numbers = new Map(Object.entries(TABLES[abi].numbers));
    byName.set(abi, numbers);
  }
  return numbers.get(name);
}

/** The name of a number on an ABI; undefined if the table has no call of that number. */
export function nameOf(abi: Abi, number: number): string | undefined {
  return namesOf(abi).get(number);
}

/**
 * The ABI that a filter meets under an AUDIT_ARCH value; undefined for one without a table. x32 is x86_64's with bit 30
 * in the number (but -1, a call that a tracer skips, belongs to x86_64).
 *
 * @example
 * import { abiOf } from "cloison";
 * import assert from "node:assert";
 * assert.equal(abiOf(0xc000003e, 59), "x86_64");
 * assert.equal(abiOf(0xc000003e, 0x40000000), "x32");
 * assert.equal(abiOf(0xc000003e, -1), "x86_64");
 */
export function abiOf(audit: number, number: number): Abi | undefined {
  const word = number >>> 0;
  const x32 = audit === X86_64.audit && word >= X32_SYSCALL_BIT && word !== 0xffffffff;
  if (x32) {
    return "x32";
  }
  return ABIS.find((abi) => TABLES[abi].audit === audit);
}

/** Whether some known ABI has a call of this name. */
export function isSyscallName(name: string): name is SyscallName {
  return KNOWN.has(name);
}
