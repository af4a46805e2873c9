/**
 * Runs a filter as the kernel does: registers A and X of 32 bits, sixteen scratch words, every operation that seccomp
 * permits. Semantics: kernel/seccomp.c, bpf_convert_filter of net/core/filter.c; held against Linux 6.18 on x86-64.
 */
import { DATA_SIZE, dataWords, type SeccompData } from "./data.ts";
import type { Instruction, Program } from "./instruction.ts";
import { OPCODES } from "./opcode.ts";

/** How a run ended. A program that `validate` accepts always returns. */
export type Outcome =
  /** `value`: unsigned 32 bits; `at`: the instruction that returned; `steps`: how many ran. */
  | { readonly kind: "return"; readonly value: number; readonly at: number; readonly steps: number }
  /** Something that the kernel would never have let in. */
  | { readonly kind: "fault"; readonly at: number; readonly reason: string };

/** The state of the machine. */
interface Machine {
  a: number;
  x: number;
  readonly scratch: Uint32Array;
  readonly words: Uint32Array;
}

const FAULT = -1;

function load(machine: Machine, { code, k }: Instruction): number | undefined {
  switch (code) {
    case OPCODES.LD_ABS:
      return k % 4 === 0 ? machine.words[k / 4] : undefined;
    case OPCODES.LD_MEM:
    case OPCODES.LDX_MEM:
      return machine.scratch[k];
    case OPCODES.LD_LEN:
    case OPCODES.LDX_LEN:
      return DATA_SIZE;
    default:
      return k;
  }
}

/** The arithmetic of A with another word. Division by zero is undefined; shifts count modulo 32, as x86 and arm64 do. */
function calculate(code: number, a: number, operand: number): number | undefined {
  switch (code & 0xf0) {
    case 0x00:
      return a + operand;
    case 0x10:
      return a - operand;
    case 0x20:
      return Math.imul(a, operand);
    case 0x30:
      return operand === 0 ? undefined : Math.floor(a / operand);
    case 0x40:
      return a | operand;
    case 0x50:
      return a & operand;
    case 0x60:
      return a << (operand & 31);
    case 0x70:
      return a >>> (operand & 31);
    case 0x80:
      return -a;
    default:
      return a ^ operand;
  }
}

function test(code: number, a: number, operand: number): boolean {
  switch (code & 0xf0) {
    case 0x10:
      return a === operand;
    case 0x20:
      return a > operand;
    case 0x30:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}

/** Runs one instruction that neither jumps nor returns; false if the kernel would not have accepted it. */
function execute(machine: Machine, instruction: Instruction): boolean {
  const { code, k } = instruction;
  switch (code) {
    case OPCODES.LD_IMM:
    case OPCODES.LD_ABS:
    case OPCODES.LD_MEM:
    case OPCODES.LD_LEN: {
      const value = load(machine, instruction);
      machine.a = value ?? 0;
      return value !== undefined;
    }
    case OPCODES.LDX_IMM:
    case OPCODES.LDX_MEM:
    case OPCODES.LDX_LEN: {
      const value = load(machine, instruction);
      machine.x = value ?? 0;
      return value !== undefined;
    }
    case OPCODES.ST:
    case OPCODES.STX:
      machine.scratch[k] = code === OPCODES.ST ? machine.a : machine.x;
      return k < machine.scratch.length;
    case OPCODES.TAX:
      machine.x = machine.a;
      return true;
    case OPCODES.TXA:
      machine.a = machine.x;
      return true;
    default:
      return false;
  }
}

/** Whether a code is one of the ALU operations, NEG included. */
const arithmetic: ReadonlySet<number> = new Set([
  ...[0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0xa4],
  ...[0x0c, 0x1c, 0x2c, 0x3c, 0x4c, 0x5c, 0x6c, 0x7c, 0xac],
  OPCODES.NEG,
]);

const conditional: ReadonlySet<number> = new Set([0x15, 0x25, 0x35, 0x45, 0x1d, 0x2d, 0x3d, 0x4d]);

/** Bit 3 of a code says that the second operand is X. */
const SOURCE_X = 0x08;

/** One step: the index of the next instruction, or FAULT. A return is the caller's. */
function step(machine: Machine, instruction: Instruction, at: number): number {
  const { code, k } = instruction;
  if (code === OPCODES.JA) return at + 1 + k;
  const operand = (code & SOURCE_X) === 0 ? k : machine.x;
  if (conditional.has(code)) return at + 1 + (test(code, machine.a, operand) ? instruction.jt : instruction.jf);
  if (arithmetic.has(code)) {
    const value = calculate(code, machine.a, operand);
    if (value === undefined) return FAULT;
    machine.a = value >>> 0;
    return at + 1;
  }
  return execute(machine, instruction) ? at + 1 : FAULT;
}

/**
 * Runs a program over the words of `dataWords`. `visit` is told the index of each instruction that runs, in order.
 * Ends for any instructions at all: jumps only go forward.
 */
export function emulateWords(program: Program, words: Uint32Array, visit?: (index: number) => void): Outcome {
  const machine: Machine = { a: 0, x: 0, scratch: new Uint32Array(16), words };
  let at = 0;
  for (let steps = 1; ; steps += 1) {
    const instruction = program[at];
    if (instruction === undefined) return { kind: "fault", at, reason: "the program ends without a return" };
    visit?.(at);
    if (instruction.code === OPCODES.RET) return { kind: "return", value: instruction.k, at, steps };
    if (instruction.code === OPCODES.RET_A) return { kind: "return", value: machine.a, at, steps };
    const next = step(machine, instruction, at);
    if (next === FAULT) {
      // The one fault of a valid program: the kernel answers 0, which kills the thread.
      if (instruction.code === OPCODES.DIV_X) return { kind: "return", value: 0, at, steps };
      return { kind: "fault", at, reason: "the kernel does not accept this instruction" };
    }
    at = next;
  }
}

/**
 * Runs a program on a call.
 *
 * @example
 * import { emulate } from "cloison";
 * import assert from "node:assert";
 * const program = [{ code: 0x20, jt: 0, jf: 0, k: 0 }, { code: 0x16, jt: 0, jf: 0, k: 0 }];
 * assert.deepEqual(emulate(program, { arch: 0xc000003e, nr: 59 }), { kind: "return", value: 59, at: 1, steps: 2 });
 */
export function emulate(
  program: Program,
  data: SeccompData,
  littleEndian = true,
  visit?: (index: number) => void,
): Outcome {
  return emulateWords(program, dataWords(data, littleEndian), visit);
}
