/**
 * What a filter weighs against the limit on a process's stack of filters. The kernel counts instructions of extended
 * BPF: bpf_convert_filter of net/core/filter.c, MAX_INSNS_PER_PATH of kernel/seccomp.c; measured on Linux 6.18.
 */
import type { Instruction, Program } from "./instruction.ts";
import { isConditionalJump, OPCODES } from "./opcode.ts";

/** The most that a stack of filters may weigh; one more and the kernel answers ENOMEM. */
export const STACK_LIMIT = 32768;
/** Added for each filter that is attached already. */
export const STACK_ENTRY = 4;
/** The beginning of every converted program: A and X are cleared, the context is kept. */
const PROLOGUE = 3;

function jumpWeight({ code, jt, jf, k }: Instruction): number {
  const constant = (code & 0x08) === 0;
  const wide = constant && k >= 0x80000000 ? 1 : 0;
  const set = code === OPCODES.JSET || code === OPCODES.JSET_X;
  const twoWays = jf !== 0 && (jt !== 0 || set) ? 1 : 0;
  return 1 + wide + twoWays;
}

function instructionWeight(instruction: Instruction): number {
  if (isConditionalJump(instruction.code)) return jumpWeight(instruction);
  if (instruction.code === OPCODES.RET) return 2;
  return instruction.code === OPCODES.DIV_X ? 5 : 1;
}

/** What one filter weighs. */
export function weightOf(program: Program): number {
  return program.reduce((sum, instruction) => sum + instructionWeight(instruction), PROLOGUE);
}

/**
 * What a stack of filters weighs, oldest first; the newest could be attached only if this is at most STACK_LIMIT.
 *
 * @example
 * import { stackWeight } from "cloison";
 * import assert from "node:assert";
 * const allow = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }];
 * assert.equal(stackWeight([allow]), 5);
 * assert.equal(stackWeight([allow, allow]), 14);
 */
export function stackWeight(programs: readonly Program[]): number {
  return programs.reduce((sum, program) => sum + weightOf(program), Math.max(0, programs.length - 1) * STACK_ENTRY);
}
