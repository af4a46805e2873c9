/**
 * Liveness of registers at each instruction: values that are never read again are forgotten, so that paths that differ
 * in nothing else merge.
 */
import type { Instruction, Program } from "../../bpf/instruction.ts";
import { isConditionalJump, OPCODES, SOURCE_X } from "../../bpf/opcode.ts";
import { START, type State } from "./step.ts";

/** What is live at an instruction; `scratch`: a bit for each cell. */
export interface Live {
  readonly a: boolean;
  readonly x: boolean;
  readonly scratch: number;
}

/** Nothing is live. */
export const NOTHING: Live = { a: false, x: false, scratch: 0 };

function either(left: Live, right: Live): Live {
  return { a: left.a || right.a, x: left.x || right.x, scratch: left.scratch | right.scratch };
}

function readsX(code: number): boolean {
  return (code & SOURCE_X) !== 0 && ((code & 0x07) === 4 || (code & 0x07) === 5);
}

/** What is live before an instruction if `after` is live after it. */
function before({ code, k }: Instruction, after: Live): Live {
  const bit = 1 << (k & 15);
  switch (code) {
    case OPCODES.LD_MEM:
      return { ...after, a: false, scratch: after.scratch | bit };
    case OPCODES.LDX_MEM:
      return { ...after, x: false, scratch: after.scratch | bit };
    case OPCODES.ST:
    case OPCODES.STX: {
      const written = (after.scratch & bit) !== 0;
      const rest = after.scratch & ~bit;
      return {
        a: after.a || (written && code === OPCODES.ST),
        x: after.x || (written && code === OPCODES.STX),
        scratch: rest,
      };
    }
    case OPCODES.TAX:
      return { ...after, a: after.a || after.x, x: false };
    case OPCODES.TXA:
      return { ...after, x: after.x || after.a, a: false };
    case OPCODES.RET_A:
      return { ...NOTHING, a: true };
    default:
      return beforePlain(code, after);
  }
}

function beforePlain(code: number, after: Live): Live {
  const kind = code & 0x07;
  if (kind === 0) {
    return { ...after, a: false };
  }
  if (kind === 1) {
    return { ...after, x: false };
  }
  if (kind === 4) {
    return { ...after, x: after.x || (after.a && readsX(code)) };
  }
  return code === OPCODES.RET ? NOTHING : after;
}

/** What is live before each instruction. */
export function livenessOf(program: Program): readonly Live[] {
  const live: Live[] = new Array(program.length + 1).fill(NOTHING);
  for (let at = program.length - 1; at >= 0; at -= 1) {
    const instruction = program[at];
    if (instruction === undefined) {
      continue;
    }
    const { code, jt, jf, k } = instruction;
    const behind = (distance: number): Live => live[at + 1 + distance] ?? NOTHING;
    if (isConditionalJump(code)) {
      const after = either(behind(jt), behind(jf));
      live[at] = { ...after, a: true, x: after.x || readsX(code) };
    } else {
      live[at] = code === OPCODES.JA ? behind(k) : before(instruction, behind(0));
    }
  }
  return live;
}

/** Drops everything dead from a state. */
export function forget(state: State, live: Live): State {
  const scratch = state.scratch.map((content, place) => (((live.scratch >> place) & 1) === 1 ? content : undefined));
  return { a: live.a ? state.a : START.a, x: live.x ? state.x : START.x, scratch: live.scratch === 0 ? [] : scratch };
}
