/**
 * The words of our text form of a filter, shared by the disassembler and the text assembler. The mnemonics are those of
 * the kernel's own bpf_asm (Documentation/networking/filter.rst).
 */
import { OPCODES } from "./opcode.ts";

/** Arithmetic on A with a constant, or with X when the operand is `x`: the code with X has bit 3 set as well. */
export const ARITHMETIC: Readonly<Record<string, number>> = {
  add: OPCODES.ADD,
  sub: OPCODES.SUB,
  mul: OPCODES.MUL,
  div: OPCODES.DIV,
  or: OPCODES.OR,
  and: OPCODES.AND,
  lsh: OPCODES.LSH,
  rsh: OPCODES.RSH,
  xor: OPCODES.XOR,
};

/** Conditional jumps, each with the word for jumping only if the test fails. */
export const JUMPS: readonly { readonly word: string; readonly inverse: string; readonly code: number }[] = [
  { word: "jeq", inverse: "jne", code: OPCODES.JEQ },
  { word: "jgt", inverse: "jle", code: OPCODES.JGT },
  { word: "jge", inverse: "jlt", code: OPCODES.JGE },
  { word: "jset", inverse: "jnset", code: OPCODES.JSET },
];

/** Operations without an operand. */
export const SIMPLE: Readonly<Record<string, number>> = { neg: OPCODES.NEG, tax: OPCODES.TAX, txa: OPCODES.TXA };
