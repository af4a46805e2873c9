/**
 * What register A holds before each instruction, and for which architecture and call, as far as all paths there agree:
 * enough to print a number as the call that it stands for. One pass will do, since jumps only go forward.
 */
import { type Field, fieldAt } from "./data.ts";
import type { Instruction, Program } from "./instruction.ts";
import { isConditionalJump, isReturn, OPCODES } from "./opcode.ts";

/** What is known before an instruction; nothing at all where it cannot be reached. */
export interface Knowledge {
  /** The field that A holds; undefined: anything. */
  readonly a: Field | undefined;
  /** The value of `arch` on every path here; undefined: not tested, or several. */
  readonly arch: number | undefined;
  /** The number of the call on every path here; undefined likewise. */
  readonly nr: number | undefined;
}

function sameField(a: Field | undefined, b: Field | undefined): boolean {
  if (a === undefined || b === undefined || a.kind !== b.kind) {
    return a === b;
  }
  if (a.kind === "argument" && b.kind === "argument") {
    return a.index === b.index && a.half === b.half;
  }
  return a.kind !== "instruction-pointer" || b.kind !== "instruction-pointer" || a.half === b.half;
}

function join(a: Knowledge | undefined, b: Knowledge): Knowledge {
  if (a === undefined) {
    return b;
  }
  return {
    a: sameField(a.a, b.a) ? a.a : undefined,
    arch: a.arch === b.arch ? a.arch : undefined,
    nr: a.nr === b.nr ? a.nr : undefined,
  };
}

/** Operations that leave A as it is. */
const KEEPS_A: ReadonlySet<number> = new Set([
  OPCODES.LDX_IMM,
  OPCODES.LDX_MEM,
  OPCODES.LDX_LEN,
  OPCODES.ST,
  OPCODES.STX,
  OPCODES.TAX,
]);

function after({ code, k }: Instruction, before: Knowledge, littleEndian: boolean): Knowledge {
  if (KEEPS_A.has(code)) {
    return before;
  }
  return { ...before, a: code === OPCODES.LD_ABS ? fieldAt(k, littleEndian) : undefined };
}

/** What is known once A has turned out to equal a constant. */
function learned(before: Knowledge, value: number): Knowledge {
  if (before.a?.kind === "arch") {
    return { ...before, arch: value };
  }
  return before.a?.kind === "nr" ? { ...before, nr: value } : before;
}

/** The knowledge before each instruction, by index. */
export function flow(program: Program, littleEndian: boolean): readonly (Knowledge | undefined)[] {
  const known: (Knowledge | undefined)[] = new Array(program.length).fill(undefined);
  known[0] = { a: undefined, arch: undefined, nr: undefined };
  const reach = (target: number, what: Knowledge): void => {
    if (target < program.length) {
      known[target] = join(known[target], what);
    }
  };
  for (const [at, instruction] of program.entries()) {
    const before = known[at];
    if (before === undefined || isReturn(instruction.code)) {
      continue;
    }
    const { code, jt, jf, k } = instruction;
    if (code === OPCODES.JA) {
      reach(at + 1 + k, before);
    } else if (isConditionalJump(code)) {
      reach(at + 1 + jt, code === OPCODES.JEQ ? learned(before, k) : before);
      reach(at + 1 + jf, before);
    } else {
      reach(at + 1, after(instruction, before, littleEndian));
    }
  }
  return known;
}
