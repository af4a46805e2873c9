/**
 * The kernel's own rules for a filter, each under its name: bpf_check_classic and check_load_and_stores of
 * net/core/filter.c, seccomp_check_filter of kernel/seccomp.c. Whatever breaks one is refused with EINVAL.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { DATA_SIZE } from "./data.ts";
import { type Instruction, MAX_INSTRUCTIONS, type Program, SCRATCH_WORDS } from "./instruction.ts";
import { isConditionalJump, isReturn, OPCODES, type Opcode, opcodeOf } from "./opcode.ts";

/** The rules, as the end of a diagnostic's code: `bpf-length`, `bpf-opcode` … */
export type BpfRule = "length" | "opcode" | "divide" | "shift" | "scratch" | "jump" | "load" | "return" | "unwritten";

function broken(rule: BpfRule, at: number | undefined, message: string, help?: string): Diagnostic {
  const place = at === undefined ? "" : `instruction ${at}: `;
  const diagnostic: Diagnostic = { code: `bpf-${rule}`, severity: "error", message: `${place}${message}` };
  return help === undefined ? diagnostic : { ...diagnostic, help };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function checkLoad({ k }: Instruction, at: number): readonly Diagnostic[] {
  if (k < DATA_SIZE && k % 4 === 0) {
    return [];
  }
  const message = `a load from offset ${k}: only multiples of 4 below ${DATA_SIZE} can be loaded`;
  return [broken("load", at, message, "struct seccomp_data is 64 bytes of 32-bit words")];
}

function checkScratch({ k }: Instruction, at: number): readonly Diagnostic[] {
  if (k < SCRATCH_WORDS) {
    return [];
  }
  return [broken("scratch", at, `there is no scratch word M[${k}]: the last one is M[${SCRATCH_WORDS - 1}]`)];
}

function checkJump({ code, jt, jf, k }: Instruction, at: number, length: number): readonly Diagnostic[] {
  const always = { name: "the jump", target: at + 1 + k };
  const ways = [
    { name: "the jump if true", target: at + 1 + jt },
    { name: "the jump if false", target: at + 1 + jf },
  ];
  const last = length - 1;
  return (code === OPCODES.JA ? [always] : ways)
    .filter(({ target }) => target > last)
    .map(({ name, target }) => broken("jump", at, `${name} goes to ${target}, past the last instruction, ${last}`));
}

function checkConstant(opcode: Opcode, { k }: Instruction, at: number): readonly Diagnostic[] {
  if (opcode === "DIV" && k === 0) {
    return [broken("divide", at, "a division by the constant 0")];
  }
  if ((opcode === "LSH" || opcode === "RSH") && k >= 32) {
    return [broken("shift", at, `a 32-bit word cannot be shifted by ${k} bits`)];
  }
  return [];
}

function checkInstruction(instruction: Instruction, at: number, length: number): readonly Diagnostic[] {
  const opcode = opcodeOf(instruction.code);
  switch (opcode) {
    case undefined:
      return [broken("opcode", at, `seccomp does not permit the operation ${hex(instruction.code)}`)];
    case "LD_ABS":
      return checkLoad(instruction, at);
    case "LD_MEM":
    case "LDX_MEM":
    case "ST":
    case "STX":
      return checkScratch(instruction, at);
    case "JA":
      return checkJump(instruction, at, length);
    default:
      if (isConditionalJump(instruction.code)) {
        return checkJump(instruction, at, length);
      }
      return checkConstant(opcode, instruction, at);
  }
}

const ALL_WRITTEN = 0xffff;

/**
 * Reads of scratch words that some path has not written. Paths are the kernel's, no finer: what follows a jump is
 * reached only from the jumps that lead there, but what follows a return counts as reached from it.
 */
function checkScratchReads(program: Program): readonly Diagnostic[] {
  const written = new Uint16Array(program.length + 1).fill(ALL_WRITTEN);
  const found: Diagnostic[] = [];
  let now = 0;
  const meet = (target: number): void => {
    written[target] = (written[target] ?? 0) & now;
  };
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    now &= written[at] ?? 0;
    if (code === OPCODES.ST || code === OPCODES.STX) {
      now |= 1 << k;
    } else if (code === OPCODES.LD_MEM || code === OPCODES.LDX_MEM) {
      if ((now & (1 << k)) === 0) {
        found.push(
          broken("unwritten", at, `M[${k}] is read, but not every path here has written it`, "store to it first"),
        );
      }
    } else if (code === OPCODES.JA) {
      meet(at + 1 + k);
      now = ALL_WRITTEN;
    } else if (isConditionalJump(code)) {
      meet(at + 1 + jt);
      meet(at + 1 + jf);
      now = ALL_WRITTEN;
    }
  }
  return found;
}

/**
 * Every reason for the kernel to refuse a filter; empty if it accepts the filter. Each message names the instruction
 * (from 0), each code the rule.
 *
 * @example
 * import { validate } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(validate([{ code: 0x06, jt: 0, jf: 0, k: 0 }]), []);
 * const [first] = validate([{ code: 0x05, jt: 0, jf: 0, k: 7 }, { code: 0x06, jt: 0, jf: 0, k: 0 }]);
 * assert.equal(first.code, "bpf-jump");
 * assert.equal(first.message, "instruction 0: the jump goes to 8, past the last instruction, 1");
 */
export function validate(program: Program): readonly Diagnostic[] {
  const { length } = program;
  if (length === 0) {
    return [broken("length", undefined, "a filter of no instruction")];
  }
  if (length > MAX_INSTRUCTIONS) {
    return [broken("length", undefined, `${length} instructions: a filter has ${MAX_INSTRUCTIONS} at most`)];
  }
  const found = program.flatMap((instruction, at) => checkInstruction(instruction, at, length));
  const last = program[length - 1];
  if (last !== undefined && !isReturn(last.code)) {
    found.push(broken("return", length - 1, "the last instruction is not a return"));
  }
  return found.length > 0 ? found : checkScratchReads(program);
}
