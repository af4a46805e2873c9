/**
 * The forty-one operations that a seccomp filter may use, by name. Values: include/uapi/linux/{bpf_common,filter}.h;
 * which of them are permitted: seccomp_check_filter of kernel/seccomp.c.
 */

/** Codes by mnemonic; an `X` at the end takes the second operand from register X in place of the constant k. */
export const OPCODES = {
  /** A = k */
  LD_IMM: 0x00,
  /** A = word of seccomp_data at offset k */
  LD_ABS: 0x20,
  /** A = M[k] */
  LD_MEM: 0x60,
  /** A = 64, the size of seccomp_data */
  LD_LEN: 0x80,
  LDX_IMM: 0x01,
  LDX_MEM: 0x61,
  LDX_LEN: 0x81,
  /** M[k] = A */
  ST: 0x02,
  /** M[k] = X */
  STX: 0x03,
  ADD: 0x04,
  SUB: 0x14,
  MUL: 0x24,
  DIV: 0x34,
  OR: 0x44,
  AND: 0x54,
  LSH: 0x64,
  RSH: 0x74,
  XOR: 0xa4,
  ADD_X: 0x0c,
  SUB_X: 0x1c,
  MUL_X: 0x2c,
  DIV_X: 0x3c,
  OR_X: 0x4c,
  AND_X: 0x5c,
  LSH_X: 0x6c,
  RSH_X: 0x7c,
  XOR_X: 0xac,
  /** A = -A */
  NEG: 0x84,
  /** skip k instructions */
  JA: 0x05,
  JEQ: 0x15,
  JGT: 0x25,
  JGE: 0x35,
  JSET: 0x45,
  JEQ_X: 0x1d,
  JGT_X: 0x2d,
  JGE_X: 0x3d,
  JSET_X: 0x4d,
  RET: 0x06,
  /** return A */
  RET_A: 0x16,
  /** X = A */
  TAX: 0x07,
  /** A = X */
  TXA: 0x87,
} as const;

/** The mnemonic of an operation. */
export type Opcode = keyof typeof OPCODES;

const NAMES: ReadonlyMap<number, Opcode> = new Map(
  (Object.entries(OPCODES) as readonly (readonly [Opcode, number])[]).map(([name, code]) => [code, name]),
);

/** The mnemonic of a code; undefined for one that seccomp does not permit. */
export function opcodeOf(code: number): Opcode | undefined {
  return NAMES.get(code);
}

/** BPF_X: the bit in the code of arithmetic and jumps that takes the second operand from register X in place of `k`. */
export const SOURCE_X = 0x08;

const CONDITIONAL_JUMPS: ReadonlySet<number> = new Set(
  [OPCODES.JEQ, OPCODES.JGT, OPCODES.JGE, OPCODES.JSET].flatMap((code) => [code, code | SOURCE_X]),
);

/** Whether an operation is a conditional jump: the ones that use `jt` and `jf`. */
export function isConditionalJump(code: number): boolean {
  return CONDITIONAL_JUMPS.has(code);
}

/** Whether an operation ends the program. */
export function isReturn(code: number): boolean {
  return code === OPCODES.RET || code === OPCODES.RET_A;
}
