/**
 * One instruction executed symbolically: the contents of the registers after it, and its successors.
 * Semantics: net/core/filter.c.
 */
import { DATA_SIZE } from "../../bpf/data.ts";
import type { Instruction } from "../../bpf/instruction.ts";
import { isConditionalJump, OPCODES, opcodeOf, SOURCE_X } from "../../bpf/opcode.ts";
import type { Leaf } from "../diagram/diagram.ts";
import { type Content, calculated, constant, wholeWord } from "../diagram/symbolic.ts";
import { wordAt } from "../diagram/words.ts";

/** What the machine holds before an instruction. */
export interface State {
  readonly a: Content;
  readonly x: Content;
  readonly scratch: readonly (Content | undefined)[];
}

const ZERO: Content = constant(0);

/** What the machine holds before the first instruction. */
export const START: State = { a: ZERO, x: ZERO, scratch: [] };

/** The test of a conditional jump, by the code of a jump with a constant (JEQ, JGT …). */
export interface WalkTest {
  readonly code: number;
  readonly left: Content;
  readonly k: number;
  /** The jump is taken when the test fails. */
  readonly negated: boolean;
}

/** What comes after an instruction in one state. */
export type Next =
  | { readonly kind: "return"; readonly leaf: Leaf }
  | { readonly kind: "go"; readonly to: number; readonly state: State }
  | { readonly kind: "branch"; readonly test: WalkTest; readonly state: State };

type Unknown = Extract<Content, { kind: "unknown" }>;

function cannot(at: number, { code }: Instruction, why: string): Unknown {
  return { kind: "unknown", at, reason: `${opcodeOf(code) ?? `code 0x${code.toString(16)}`} ${why}` };
}

function loaded(state: State, instruction: Instruction, at: number, littleEndian: boolean): Content | undefined {
  const { code, k } = instruction;
  switch (code) {
    case OPCODES.LD_IMM:
    case OPCODES.LDX_IMM:
      return constant(k);
    case OPCODES.LD_LEN:
    case OPCODES.LDX_LEN:
      return constant(DATA_SIZE);
    case OPCODES.LD_MEM:
    case OPCODES.LDX_MEM:
      return state.scratch[k] ?? cannot(at, instruction, `reads M[${k}], which nothing has written`);
    case OPCODES.LD_ABS: {
      const word = wordAt(k, littleEndian);
      return word === undefined ? cannot(at, instruction, `reads offset ${k}`) : wholeWord(word);
    }
    default:
      return undefined;
  }
}

function arithmetic(state: State, instruction: Instruction, at: number): Content {
  const { code, k } = instruction;
  if (state.a.kind === "unknown") {
    return state.a;
  }
  if (code === OPCODES.NEG) {
    return state.a.kind === "constant" ? constant(-state.a.value) : cannot(at, instruction, "of a word of the data");
  }
  const operand = (code & SOURCE_X) === 0 ? constant(k) : state.x;
  if (operand.kind === "unknown") {
    return operand;
  }
  if (operand.kind !== "constant") {
    return cannot(at, instruction, "with a word of the data as second operand");
  }
  const result = calculated(code & ~SOURCE_X, state.a, operand.value);
  return result ?? cannot(at, instruction, "of a word of the data");
}

function moved(state: State, instruction: Instruction): State | undefined {
  const { code, k } = instruction;
  switch (code) {
    case OPCODES.TAX:
      return { ...state, x: state.a };
    case OPCODES.TXA:
      return { ...state, a: state.x };
    case OPCODES.ST:
    case OPCODES.STX: {
      const scratch = [...state.scratch];
      scratch[k] = code === OPCODES.ST ? state.a : state.x;
      return { ...state, scratch };
    }
    default:
      return undefined;
  }
}

/** With X as second operand the constant may be on either side; `c > X` is "not `X >= c`". */
function testOf({ a, x }: State, instruction: Instruction, at: number): WalkTest {
  const { code, k } = instruction;
  const plain = code & ~SOURCE_X;
  const test = { code: plain, left: a, k, negated: false };
  if ((code & SOURCE_X) === 0) {
    return test;
  }
  if (x.kind === "constant") {
    return { ...test, k: x.value };
  }
  if (a.kind === "constant" && x.kind !== "unknown") {
    const negated = plain === OPCODES.JGT || plain === OPCODES.JGE;
    const mirrored = plain === OPCODES.JGT ? OPCODES.JGE : OPCODES.JGT;
    return { left: x, k: a.value, code: negated ? mirrored : plain, negated };
  }
  const unknown = [a, x].find((each) => each.kind === "unknown");
  return { ...test, left: unknown ?? cannot(at, instruction, "compares two words of the data") };
}

/** Executes an instruction, with offsets for a machine of that byte order. */
export function next(state: State, instruction: Instruction, at: number, littleEndian: boolean): Next {
  const { code, k } = instruction;
  if (code === OPCODES.RET) {
    return { kind: "return", leaf: { kind: "return", value: k >>> 0 } };
  }
  if (code === OPCODES.RET_A) {
    return { kind: "return", leaf: returned(state.a, instruction, at) };
  }
  if (code === OPCODES.JA) {
    return { kind: "go", to: at + 1 + k, state };
  }
  if (isConditionalJump(code)) {
    return { kind: "branch", test: testOf(state, instruction, at), state };
  }
  const content = loaded(state, instruction, at, littleEndian);
  if (content !== undefined) {
    const changed = (code & 0x07) === 1 ? { ...state, x: content } : { ...state, a: content };
    return { kind: "go", to: at + 1, state: changed };
  }
  const changed = moved(state, instruction);
  if (changed !== undefined) {
    return { kind: "go", to: at + 1, state: changed };
  }
  if (opcodeOf(code) === undefined) {
    return { kind: "return", leaf: cannot(at, instruction, "is not permitted") };
  }
  return { kind: "go", to: at + 1, state: { ...state, a: arithmetic(state, instruction, at) } };
}

function returned(a: Content, instruction: Instruction, at: number): Leaf {
  if (a.kind === "constant") {
    return { kind: "return", value: a.value };
  }
  return a.kind === "unknown" ? a : cannot(at, instruction, "returns a word of the data");
}
