/**
 * Which calls the kernel lets through without running any filter: since Linux 5.11 it works that out when a filter is
 * attached. Rules: seccomp_is_const_allow and seccomp_cache_prepare_bitmap of kernel/seccomp.c.
 */
import { type Abi, tableOf } from "../kernel/syscalls/syscall.ts";
import { ARCH_OFFSET, fieldAt, fieldText, NR_OFFSET } from "./data.ts";
import type { Instruction, Program } from "./instruction.ts";
import { OPCODES, opcodeOf } from "./opcode.ts";
import { RETURN_ACTIONS, returnText } from "./return-value.ts";

/** Whether one filter always allows a call as far as the kernel sees, or the instruction that spoilt it and how. */
export type Constancy =
  | { readonly kind: "constant" }
  /** `at`: index of the instruction, from 0. */
  | { readonly kind: "spoilt"; readonly at: number; readonly reason: string };

/** A call for which the stack has to run every time, and the first filter, oldest first, that is to blame. */
export interface Spoilt {
  readonly number: number;
  /** Place in the stack, oldest is 0. */
  readonly filter: number;
  readonly at: number;
  readonly reason: string;
}

const spoilt = (at: number, reason: string): Constancy => ({ kind: "spoilt", at, reason });

function reasonOf({ code, k }: Instruction, littleEndian: boolean): string {
  if (code === OPCODES.LD_ABS) {
    const field = fieldAt(k, littleEndian);
    return `reads ${field === undefined ? `offset ${k}` : fieldText(field)}`;
  }
  return `uses ${opcodeOf(code) ?? `operation 0x${code.toString(16)}`}`;
}

/** The jumps that the kernel follows: comparisons with a constant. Undefined for any other operation. */
function branch({ code, jt, jf, k }: Instruction, value: number): number | undefined {
  switch (code) {
    case OPCODES.JA:
      return k;
    case OPCODES.JEQ:
      return value === k ? jt : jf;
    case OPCODES.JGE:
      return value >= k ? jt : jf;
    case OPCODES.JGT:
      return value > k ? jt : jf;
    case OPCODES.JSET:
      return (value & k) !== 0 ? jt : jf;
    default:
      return undefined;
  }
}

/** What the kernel follows besides jumps: the new value of A; undefined for any other operation. */
function step({ code, k }: Instruction, value: number, arch: number, number: number): number | undefined {
  if (code === OPCODES.AND) {
    return (value & k) >>> 0;
  }
  if (code !== OPCODES.LD_ABS) {
    return undefined;
  }
  if (k === NR_OFFSET) {
    return number >>> 0;
  }
  return k === ARCH_OFFSET ? arch >>> 0 : undefined;
}

/**
 * Follows one call through a filter as the kernel does: loads of `nr` and `arch`, jumps on constants, AND with a
 * constant, and finally a plain ALLOW. Anything else on the way, and the filter runs at each call. `littleEndian` only
 * matters for the names of words in the reason.
 *
 * @example
 * import { constancy } from "cloison";
 * import assert from "node:assert";
 * const program = [{ code: 0x20, jt: 0, jf: 0, k: 16 }, { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }];
 * assert.deepEqual(constancy(program, 0xc000003e, 0), { kind: "spoilt", at: 0, reason: "reads args[0].lo" });
 */
export function constancy(program: Program, arch: number, number: number, littleEndian = true): Constancy {
  let value = 0;
  for (let at = 0; ; at += 1) {
    const instruction = program[at];
    if (instruction === undefined) {
      return spoilt(at, "ends without a return");
    }
    const { code, k } = instruction;
    if (code === OPCODES.RET) {
      return k === RETURN_ACTIONS.ALLOW ? { kind: "constant" } : spoilt(at, `returns ${returnText(k)}`);
    }
    const jump = branch(instruction, value);
    if (jump !== undefined) {
      at += jump;
      continue;
    }
    const next = step(instruction, value, arch, number);
    if (next === undefined) {
      return spoilt(at, reasonOf(instruction, littleEndian));
    }
    value = next;
  }
}

/** What the cache does for a stack of filters. */
export interface CacheAnalysis {
  /** Numbers for which no filter runs, in the order given. */
  readonly cached: readonly number[];
  readonly spoilt: readonly Spoilt[];
}

/** Numbers from here on are outside the kernel's tables: arm's private calls. */
const BEYOND_TABLES = 0x0f0000;

/**
 * The numbers of an ABI that the kernel can cache at all: the table's, but none of x32 and mips, and no private call of
 * arm. Those of i386 and other compat ABIs only on their 64-bit machine.
 */
export function cacheableNumbers(abi: Abi): readonly number[] {
  const { cache, numbers } = tableOf(abi);
  return cache ? Object.values(numbers).filter((number) => number < BEYOND_TABLES) : [];
}

/**
 * Analyses a stack of filters, oldest first, for numbers of one architecture. A call is cached only if every filter
 * always allows it. Pass `cacheableNumbers` only: no other number is ever cached.
 */
export function analyseCache(
  stack: readonly Program[],
  arch: number,
  numbers: readonly number[],
  littleEndian = true,
): CacheAnalysis {
  const cached: number[] = [];
  const bad: Spoilt[] = [];
  for (const number of numbers) {
    const results = stack.map((program) => constancy(program, arch, number, littleEndian));
    const filter = results.findIndex(({ kind }) => kind === "spoilt");
    const first = results[filter];
    if (first?.kind === "spoilt") {
      bad.push({ number, filter, at: first.at, reason: first.reason });
    } else {
      cached.push(number);
    }
  }
  return { cached, spoilt: bad };
}
