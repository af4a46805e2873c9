/**
 * What a filter weighs against the limit on a process's stack of filters. The kernel counts instructions of extended
 * BPF: bpf_convert_filter of net/core/filter.c, MAX_INSNS_PER_PATH of kernel/seccomp.c; measured on Linux 6.18.
 */
import type { Instruction, Program } from "./instruction.ts";
import { isConditionalJump, OPCODES, SOURCE_X } from "./opcode.ts";

/** The most that a stack of filters may weigh; one more and the kernel answers ENOMEM. */
export const STACK_LIMIT = 32768;
/** Added for each filter already attached. */
export const STACK_ENTRY = 4;
/** The beginning of every converted program: A and X are cleared, the context is kept. */
const PROLOGUE = 3;

function jumpWeight({ code, jt, jf, k }: Instruction): number {
  // Constants of extended BPF are signed: one with the highest bit set goes into a register first.
  const load = (code & SOURCE_X) === 0 && k >= 0x80000000 ? 1 : 0;
  // A failed test falls through. If only failure jumps, the test is inverted; JSET has no inverse.
  const hasOpposite = (code & ~SOURCE_X) !== OPCODES.JSET;
  const secondJump = jf === 0 || (jt === 0 && hasOpposite) ? 0 : 1;
  return 1 + load + secondJump;
}

function instructionWeight(instruction: Instruction): number {
  if (isConditionalJump(instruction.code)) {
    return jumpWeight(instruction);
  }
  switch (instruction.code) {
    case OPCODES.RET:
      // The value goes into a register first.
      return 2;
    case OPCODES.DIV_X:
      // A check for division by zero, which ends the program, is added.
      return 5;
    default:
      return 1;
  }
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
