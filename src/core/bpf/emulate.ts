/**
 * Runs a filter as the kernel does: registers A and X of 32 bits, sixteen scratch words, every operation that seccomp
 * permits. Semantics: kernel/seccomp.c, bpf_convert_filter of net/core/filter.c; held against Linux 6.18 on x86-64.
 */
import { DATA_SIZE, dataWords, type SeccompData } from "./data.ts";
import { type Instruction, type Program, SCRATCH_WORDS } from "./instruction.ts";
import { isConditionalJump, isReturn, OPCODES, opcodeOf, SOURCE_X } from "./opcode.ts";

/** How a run ended. A program that `validate` accepts always returns. */
export type Outcome =
  /** `value`: unsigned 32 bits; `at`: the instruction that returned; `steps`: how many ran. */
  | { readonly kind: "return"; readonly value: number; readonly at: number; readonly steps: number }
  /** Something that the kernel would never have accepted. */
  | { readonly kind: "fault"; readonly at: number; readonly reason: string };

/** The state of the machine. */
interface Machine {
  a: number;
  x: number;
  readonly scratch: Uint32Array;
  readonly words: Uint32Array;
}

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

/**
 * An arithmetic operation on A and another word; undefined for anything else, and for a division by zero. Shift counts
 * are modulo 32, as on x86 and arm64.
 */
function calculate(operation: number, a: number, operand: number): number | undefined {
  switch (operation) {
    case OPCODES.ADD:
      return a + operand;
    case OPCODES.SUB:
      return a - operand;
    case OPCODES.MUL:
      return Math.imul(a, operand);
    case OPCODES.DIV:
      return operand === 0 ? undefined : Math.floor(a / operand);
    case OPCODES.OR:
      return a | operand;
    case OPCODES.AND:
      return a & operand;
    case OPCODES.LSH:
      return a << (operand & 31);
    case OPCODES.RSH:
      return a >>> (operand & 31);
    case OPCODES.XOR:
      return a ^ operand;
    case OPCODES.NEG:
      return -a;
    default:
      return undefined;
  }
}

/** Whether a conditional jump goes to `jt`. */
function holds(jump: number, a: number, operand: number): boolean {
  switch (jump) {
    case OPCODES.JEQ:
      return a === operand;
    case OPCODES.JGT:
      return a > operand;
    case OPCODES.JGE:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}

/** Runs an instruction that moves words between registers, memory and data; false if the kernel would not accept it. */
function move(machine: Machine, instruction: Instruction): boolean {
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

/**
 * One step: the index of the next instruction; undefined if the kernel would not accept this one. The caller handles
 * returns.
 */
function step(machine: Machine, instruction: Instruction, at: number): number | undefined {
  const { code, jt, jf, k } = instruction;
  if (opcodeOf(code) === undefined) {
    return undefined;
  }
  if (code === OPCODES.JA) {
    return at + 1 + k;
  }
  const operation = code & ~SOURCE_X;
  const operand = operation === code ? k : machine.x;
  if (isConditionalJump(code)) {
    return at + 1 + (holds(operation, machine.a, operand) ? jt : jf);
  }
  const result = calculate(operation, machine.a, operand);
  if (result !== undefined) {
    machine.a = result >>> 0;
  }
  return result !== undefined || move(machine, instruction) ? at + 1 : undefined;
}

/**
 * Runs a program over the words of `dataWords`. `visit` gets the index of each instruction that runs, in order.
 * Terminates for any program: jumps only go forward.
 */
export function emulateWords(program: Program, words: Uint32Array, visit?: (index: number) => void): Outcome {
  const machine: Machine = { a: 0, x: 0, scratch: new Uint32Array(SCRATCH_WORDS), words };
  let at = 0;
  for (let steps = 1; ; steps += 1) {
    const instruction = program[at];
    if (instruction === undefined) {
      return { kind: "fault", at, reason: "the program ends without a return" };
    }
    visit?.(at);
    const { code, k } = instruction;
    if (isReturn(code)) {
      return { kind: "return", value: code === OPCODES.RET ? k : machine.a, at, steps };
    }
    // A valid program can divide by X = 0: the kernel answers 0, which kills the thread.
    if (code === OPCODES.DIV_X && machine.x === 0) {
      return { kind: "return", value: 0, at, steps };
    }
    const next = step(machine, instruction, at);
    if (next === undefined) {
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
