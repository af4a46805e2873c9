/** System calls by name and by number, per ABI. Facts: the generated tables beside this file. */
import { I386, type I386Name } from "./i386.ts";
import type { Abi, SyscallTable } from "./table.ts";
import { X32, type X32Name } from "./x32.ts";
import { X86_64, type X86_64Name } from "./x86_64.ts";

export type { Abi, SyscallTable } from "./table.ts";

/** The name of a system call that at least one known ABI has. */
export type SyscallName = X86_64Name | I386Name | X32Name;

/** Bit 30: set in the number of every x32 call, where x86_64 and x32 share an AUDIT_ARCH. */
export const X32_SYSCALL_BIT = 0x40000000;

const tables: Readonly<Record<Abi, SyscallTable>> = { x86_64: X86_64, i386: I386, x32: X32 };

const names: Readonly<Record<Abi, ReadonlyMap<number, string>>> = {
  x86_64: invert(X86_64),
  i386: invert(I386),
  x32: invert(X32),
};

const known: ReadonlySet<string> = new Set(Object.values(tables).flatMap((table) => Object.keys(table.numbers)));

function invert(table: SyscallTable): ReadonlyMap<number, string> {
  return new Map(Object.entries(table.numbers).map(([name, number]) => [number, name]));
}

/** The ABIs that have a table, native first. */
export const ABIS: readonly Abi[] = ["x86_64", "i386", "x32"];

/** The table of an ABI. */
export function tableOf(abi: Abi): SyscallTable {
  return tables[abi];
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
  const { numbers } = tables[abi];
  return Object.hasOwn(numbers, name) ? numbers[name] : undefined;
}

/** The name of a number on an ABI; undefined if the table has no call of that number. */
export function nameOf(abi: Abi, number: number): string | undefined {
  return names[abi].get(number);
}

/** Whether some known ABI has a call of this name. */
export function isSyscallName(name: string): name is SyscallName {
  return known.has(name);
}
