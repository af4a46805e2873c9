/** Random programs that the kernel accepts, with jumps that depend on the data as in real filters and in other ways. */
import fc from "fast-check";
import type { Instruction, Program } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";

/** A small pool of constants, so that those of instructions and inputs coincide. */
export const CONSTANTS: readonly number[] = [
  0, 1, 2, 3, 4, 7, 8, 16, 0x0f, 0xf0, 0xff, 0x100, 0x8000, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
  0xc000003e, 0x40000003, 0x40000000,
];

const constant = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...CONSTANTS) },
  { weight: 1, arbitrary: fc.nat(0xffffffff) },
);
const returns = fc.constantFrom(0x7fff0000, 0x7ffc0000, 0x50001, 0x50026, 0x30002, 0, 0x80000000, 0x7fff0001, 0x60000);

/** An instruction, given how many follow it, so that its jumps stay within the program. */
type Draft = (left: number) => Instruction;

const plain = (code: number, k: fc.Arbitrary<number>): fc.Arbitrary<Draft> =>
  k.map((value) => () => ({ code, jt: 0, jf: 0, k: value >>> 0 }));

const jump = (codes: readonly number[]): fc.Arbitrary<Draft> =>
  fc
    .record({ code: fc.constantFrom(...codes), jt: fc.nat(255), jf: fc.nat(255), k: constant })
    .map(({ code, jt, jf, k }) => (left) => ({ code, jt: jt % Math.min(left, 6), jf: jf % Math.min(left, 6), k }));

const JUMPS = [OPCODES.JEQ, OPCODES.JGT, OPCODES.JGE, OPCODES.JSET];
const JUMPS_ON_X = [OPCODES.JEQ_X, OPCODES.JGT_X, OPCODES.JGE_X, OPCODES.JSET_X];
const load = plain(
  OPCODES.LD_ABS,
  fc.nat(15).map((word) => word * 4),
);

/** What compilers emit. */
const usual: readonly { weight: number; arbitrary: fc.Arbitrary<Draft> }[] = [
  { weight: 8, arbitrary: load },
  { weight: 12, arbitrary: jump(JUMPS) },
  { weight: 2, arbitrary: plain(OPCODES.AND, constant) },
  { weight: 2, arbitrary: plain(OPCODES.RET, returns) },
  { weight: 1, arbitrary: fc.nat(3).map((k) => (left: number) => ({ code: OPCODES.JA, jt: 0, jf: 0, k: k % left })) },
];

const shift = fc.nat(31);
/** What only people write, if anyone. */
const rare: readonly { weight: number; arbitrary: fc.Arbitrary<Draft> }[] = [
  { weight: 1, arbitrary: plain(OPCODES.OR, constant) },
  { weight: 1, arbitrary: plain(OPCODES.XOR, constant) },
  { weight: 1, arbitrary: plain(OPCODES.LSH, shift) },
  { weight: 1, arbitrary: plain(OPCODES.RSH, shift) },
  { weight: 1, arbitrary: plain(OPCODES.ADD, constant) },
  { weight: 1, arbitrary: plain(OPCODES.SUB, constant) },
  { weight: 1, arbitrary: plain(OPCODES.MUL, constant) },
  {
    weight: 1,
    arbitrary: plain(
      OPCODES.DIV,
      constant.map((k) => (k === 0 ? 1 : k)),
    ),
  },
  { weight: 1, arbitrary: plain(OPCODES.NEG, fc.constant(0)) },
  { weight: 2, arbitrary: plain(OPCODES.TAX, fc.constant(0)) },
  { weight: 2, arbitrary: plain(OPCODES.TXA, fc.constant(0)) },
  { weight: 2, arbitrary: plain(OPCODES.ST, fc.nat(3)) },
  { weight: 1, arbitrary: plain(OPCODES.STX, fc.nat(3)) },
  { weight: 2, arbitrary: plain(OPCODES.LD_MEM, fc.nat(3)) },
  { weight: 1, arbitrary: plain(OPCODES.LDX_MEM, fc.nat(3)) },
  { weight: 1, arbitrary: plain(OPCODES.LD_IMM, constant) },
  { weight: 1, arbitrary: plain(OPCODES.LDX_IMM, constant) },
  { weight: 1, arbitrary: plain(OPCODES.LD_LEN, fc.constant(0)) },
  { weight: 2, arbitrary: jump(JUMPS_ON_X) },
  { weight: 1, arbitrary: plain(OPCODES.AND_X, fc.constant(0)) },
  { weight: 1, arbitrary: plain(OPCODES.OR_X, fc.constant(0)) },
  { weight: 1, arbitrary: plain(OPCODES.RET_A, fc.constant(0)) },
];

function finished(drafts: readonly Draft[]): Program {
  // The kernel requires that every memory cell is written before it is read.
  const cells = [0, 1, 2, 3].map((k) => ({ code: OPCODES.ST, jt: 0, jf: 0, k }));
  const body = drafts.map((draft, place) => draft(drafts.length - place));
  return [...cells, ...body, { code: OPCODES.RET, jt: 0, jf: 0, k: 0x7fff0000 }];
}

/** Programs of loads, comparisons and masks, as compilers write them. */
export const ordinaryProgram: fc.Arbitrary<Program> = fc
  .array(fc.oneof(...usual), { minLength: 4, maxLength: 40 })
  .map(finished);

/** Programs with every operation that seccomp permits. */
export const wildProgram: fc.Arbitrary<Program> = fc
  .array(fc.oneof(...usual, ...rare), { minLength: 4, maxLength: 40 })
  .map(finished);

/** Inputs whose words often equal one of the constants. */
export const words: fc.Arbitrary<Uint32Array> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...CONSTANTS) },
      { weight: 2, arbitrary: fc.constantFrom(...CONSTANTS).chain((k) => fc.constantFrom(k + 1, k - 1)) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) },
    ),
    { minLength: 16, maxLength: 16 },
  )
  .map((list) => Uint32Array.from(list));
