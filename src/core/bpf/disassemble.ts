/**
 * A filter as text that assembles back to the same bytes (assemble-text.ts), whatever they are. Call numbers get their
 * names where the architecture is known, fields of seccomp_data always do.
 */
import { auditArchName } from "../kernel/audit-arch.ts";
import { errnoName, errnoNameOn } from "../kernel/errno.ts";
import { argumentsOf } from "../kernel/syscalls/arguments.ts";
import { type Abi, abiOf, nameOf, tableOf } from "../kernel/syscalls/syscall.ts";
import { fieldAt, fieldText } from "./data.ts";
import { flow, type Knowledge } from "./flow.ts";
import type { Instruction, Program } from "./instruction.ts";
import { ARITHMETIC, JUMPS, SIMPLE } from "./mnemonic.ts";
import { isConditionalJump, OPCODES, SOURCE_X } from "./opcode.ts";
import { meaningOf, returnText } from "./return-value.ts";

/** How to print. */
export interface DisassemblyOptions {
  /** Byte order of the machine that the filter is for; little-endian if left out. */
  readonly littleEndian?: boolean;
  /** The ABI to name numbers by where the filter itself does not test the architecture. */
  readonly abi?: Abi;
  /** Whether each line ends with the index of its instruction, as a comment. */
  readonly indices?: boolean;
}

/** One printed instruction. `abi`: the one that a name in `text` belongs to. */
interface Line {
  readonly text: string;
  readonly abi?: Abi;
  readonly comment?: string;
}

interface Place {
  readonly at: number;
  readonly program: Program;
  readonly known: Knowledge | undefined;
  readonly littleEndian: boolean;
  readonly fallback: Abi | undefined;
}

const LABEL_WIDTH = 8;
/** Comments begin here, or after a longer line. */
const COMMENT_COLUMN = 40;

const numeral = (value: number): string => (value < 10 ? String(value) : `0x${value.toString(16)}`);

function rawText({ code, jt, jf, k }: Instruction): string {
  return `raw 0x${code.toString(16)}, ${jt}, ${jf}, ${numeral(k)}`;
}

function abiAt({ known, fallback }: Place, number: number): Abi | undefined {
  const arch = known?.arch ?? (fallback === undefined ? undefined : tableOf(fallback).audit);
  return arch === undefined ? undefined : abiOf(arch, number);
}

/** What A is compared with, in the reader's terms. */
function constantLine(place: Place, { code, k }: Instruction): Line {
  const field = place.known?.a;
  if (field?.kind === "arch") {
    return { text: auditArchName(k) ?? numeral(k) };
  }
  if (field?.kind !== "nr") {
    return { text: numeral(k) };
  }
  const abi = abiAt(place, k);
  const name = abi === undefined ? undefined : nameOf(abi, k);
  const digits = k >= 0x10000 ? numeral(k) : String(k);
  if (abi === undefined || name === undefined) {
    return { text: digits };
  }
  if (code === OPCODES.JEQ) {
    return { text: name, abi };
  }
  // A bound on numbers is not a call: its name is a hint, and x32's must be told from x86_64's.
  return { text: digits, comment: abi === "x32" ? `x32 ${name}` : name };
}

/** A jump as text; undefined if a target is out of the program, where no label can be. */
function jumpLine(place: Place, instruction: Instruction): Line | undefined {
  const { code, jt, jf, k } = instruction;
  const { at, program } = place;
  if (at + 1 + Math.max(jt, jf) >= program.length) {
    return undefined;
  }
  const onX = (code & SOURCE_X) !== 0;
  if (onX && k !== 0) {
    return undefined;
  }
  const jump = JUMPS.find((each) => each.code === (code & ~SOURCE_X));
  if (jump === undefined) {
    return undefined;
  }
  const operand: Line = onX ? { text: "x" } : constantLine(place, instruction);
  const [yes, no] = [`L${at + 1 + jt}`, `L${at + 1 + jf}`];
  if (jt === 0 && jf !== 0) {
    return { ...operand, text: `${jump.inverse} ${operand.text}, ${no}` };
  }
  return { ...operand, text: `${jump.word} ${operand.text}, ${yes}${jf === 0 ? "" : `, ${no}`}` };
}

/** The name of the error that a filter answers, which is unknown for an architecture without a table. */
function errorComment(place: Place, value: number): string | undefined {
  const { action, data } = meaningOf(value);
  if (action !== "ERRNO") {
    return undefined;
  }
  const abi = abiAt(place, 0);
  if (abi !== undefined) {
    return errnoNameOn(abi, data);
  }
  return place.known?.arch === undefined ? errnoName(data) : undefined;
}

/** `socket family`: the call and its argument, where only one call gets here. */
function argumentComment(place: Place, index: number): string | undefined {
  const number = place.known?.nr;
  const abi = number === undefined ? undefined : abiAt(place, number);
  if (number === undefined || abi === undefined) {
    return undefined;
  }
  const call = nameOf(abi, number);
  const name = call === undefined ? undefined : argumentsOf(abi, call)?.[index]?.name;
  return name === undefined || name === "" ? call : `${call} ${name}`;
}

function loadLine(place: Place, { code, k }: Instruction): Line | undefined {
  switch (code) {
    case OPCODES.LD_ABS: {
      const field = fieldAt(k, place.littleEndian);
      if (field === undefined) {
        return { text: `ld [${numeral(k)}]` };
      }
      const comment = field.kind === "argument" ? argumentComment(place, field.index) : undefined;
      return { text: `ld ${fieldText(field)}`, ...(comment === undefined ? {} : { comment }) };
    }
    case OPCODES.LD_IMM:
      return { text: `ld #${numeral(k)}` };
    case OPCODES.LDX_IMM:
      return { text: `ldx #${numeral(k)}` };
    case OPCODES.LD_MEM:
      return { text: `ld M[${k}]` };
    case OPCODES.LDX_MEM:
      return { text: `ldx M[${k}]` };
    case OPCODES.ST:
      return { text: `st M[${k}]` };
    case OPCODES.STX:
      return { text: `stx M[${k}]` };
    default:
      return undefined;
  }
}

/** Operations without a constant; if `k` is set all the same, only the raw form can keep it. */
const BARE: ReadonlyMap<number, string> = new Map([
  ...Object.entries(SIMPLE).map(([word, code]): [number, string] => [code, word]),
  ...Object.entries(ARITHMETIC).map(([word, code]): [number, string] => [code | SOURCE_X, `${word} x`]),
  [OPCODES.LD_LEN, "ld len"],
  [OPCODES.LDX_LEN, "ldx len"],
  [OPCODES.RET_A, "ret a"],
]);

const ARITHMETIC_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ARITHMETIC).map(([word, code]) => [code, word]),
);

function plainLine(place: Place, instruction: Instruction): Line | undefined {
  const { code, k } = instruction;
  const word = BARE.get(code);
  if (word !== undefined) {
    return k === 0 ? { text: word } : undefined;
  }
  const operation = ARITHMETIC_NAMES.get(code);
  if (operation !== undefined) {
    return { text: `${operation} ${numeral(k)}` };
  }
  if (code === OPCODES.RET) {
    const comment = errorComment(place, k);
    return { text: `ret ${returnText(k)}`, ...(comment === undefined ? {} : { comment }) };
  }
  if (code === OPCODES.JA) {
    const target = place.at + 1 + k;
    return target < place.program.length ? { text: `ja L${target}` } : undefined;
  }
  return loadLine(place, instruction);
}

function lineOf(place: Place, instruction: Instruction): Line {
  const conditional = isConditionalJump(instruction.code);
  if (conditional) {
    return jumpLine(place, instruction) ?? { text: rawText(instruction) };
  }
  const stray = instruction.jt !== 0 || instruction.jf !== 0;
  return (stray ? undefined : plainLine(place, instruction)) ?? { text: rawText(instruction) };
}

function labelled(lines: readonly Line[]): ReadonlySet<number> {
  const targets = new Set<number>();
  for (const { text } of lines) {
    for (const [, digits] of text.matchAll(/\bL(\d+)\b/g)) {
      targets.add(Number(digits));
    }
  }
  return targets;
}

/**
 * Prints a program, one instruction per line, with `L7:` before jump targets. `.abi` says whose names follow, `.endian
 * big` that the halves of arguments are the other way round.
 *
 * @example
 * import { disassemble } from "cloison";
 * import assert from "node:assert";
 * const program = [
 *   { code: 0x20, jt: 0, jf: 0, k: 0 },
 *   { code: 0x15, jt: 0, jf: 1, k: 59 },
 *   { code: 0x06, jt: 0, jf: 0, k: 0x00030001 },
 *   { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
 * ];
 * assert.equal(
 *   disassemble(program, { abi: "x86_64" }),
 *   "        ld nr\n.abi x86_64\n        jne execve, L3\n        ret TRAP(1)\nL3:     ret ALLOW\n",
 * );
 */
export function disassemble(program: Program, options: DisassemblyOptions = {}): string {
  const { littleEndian = true, abi: fallback, indices = false } = options;
  const known = flow(program, littleEndian);
  const lines = program.map((instruction, at) =>
    lineOf({ at, program, known: known[at], littleEndian, fallback }, instruction),
  );
  const targets = labelled(lines);
  const out = littleEndian ? [] : [".endian big"];
  let abi: Abi | undefined;
  for (const [at, line] of lines.entries()) {
    if (line.abi !== undefined && line.abi !== abi) {
      abi = line.abi;
      out.push(`.abi ${abi}`);
    }
    const comments = [line.comment, indices ? String(at) : undefined].filter((each) => each !== undefined);
    const label = targets.has(at) ? `L${at}:` : "";
    const code = `${label.padEnd(LABEL_WIDTH)}${line.text}`;
    out.push(comments.length === 0 ? code : `${code.padEnd(COMMENT_COLUMN)}  ; ${comments.join("  ")}`);
  }
  return out.map((line) => `${line}\n`).join("");
}
