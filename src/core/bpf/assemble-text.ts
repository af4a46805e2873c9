/**
 * Reads the text form of a filter: what `disassemble` prints, and what a person writes. One instruction a line; `name:`
 * before it makes a label, `;` begins a comment. Jumps go forward to labels, however far.
 *
 *     ld FIELD | [OFFSET] | #NUMBER | M[N] | len      FIELD: nr, arch, ip.lo, args[0].hi …
 *     ldx #NUMBER | M[N] | len        st M[N]   stx M[N]   tax   txa   neg
 *     add sub mul div or and lsh rsh xor  NUMBER | x
 *     jeq jgt jge jset (jne jle jlt jnset)  NUMBER | AUDIT_ARCH_… | call | x, LABEL[, LABEL]
 *     ja LABEL        ret ALLOW | ERRNO(1) | ERRNO(EPERM) | NUMBER | a        raw CODE, JT, JF, K
 *     .abi NAME: whose names of calls and errors follow (errors: the usual numbers without)
 *     .endian big | little: before the first instruction
 */
import type { Diagnostic, Parsed, Span } from "../diagnostic/diagnostic.ts";
import { auditArchValue } from "../kernel/audit-arch.ts";
import { type Abi, isAbi, isSyscallName, numberOf } from "../kernel/syscalls/syscall.ts";
import { assemble, type Statement } from "./assemble.ts";
import { fieldOfText, offsetOf } from "./data.ts";
import type { TargetProgram } from "./instruction.ts";
import { ARITHMETIC, JUMPS, SIMPLE } from "./mnemonic.ts";
import { OPCODES, SOURCE_X } from "./opcode.ts";
import { returnOfText } from "./return-value.ts";

/** One operand with its column. */
interface Word {
  readonly text: string;
  readonly column: number;
}

interface State {
  readonly file: string;
  readonly statements: Statement[];
  readonly spans: Span[];
  readonly found: Diagnostic[];
  abi: Abi | undefined;
  littleEndian: boolean;
}

interface Line {
  readonly state: State;
  readonly number: number;
  readonly mnemonic: Word;
  readonly operands: readonly Word[];
}

/** A mistake in a line; always undefined, so that a reader can return it. */
function wrong(line: Line, word: Word, code: string, message: string, help?: string): undefined {
  const span: Span = { file: line.state.file, line: line.number, column: word.column };
  line.state.found.push({ code, severity: "error", message, span, ...(help === undefined ? {} : { help }) });
}

/** An operand in quotes, cut short if it is very long. */
function quoted({ text }: Word): string {
  const most = 40;
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}

function numeralOf(text: string): number | undefined {
  const digits = text.startsWith("#") ? text.slice(1) : text;
  if (!/^(?:0[xX][0-9a-fA-F]{1,16}|-?\d{1,20})$/.test(digits)) {
    return undefined;
  }
  const value = Number(digits);
  return value >= -0x80000000 && value <= 0xffffffff ? value >>> 0 : undefined;
}

function numberAt(line: Line, word: Word, most = 0xffffffff): number | undefined {
  const value = numeralOf(word.text);
  if (value !== undefined && value <= most) {
    return value;
  }
  return wrong(line, word, "bpf-text-number", `${quoted(word)} is not a number from 0 to ${most}`);
}

/** A number, an architecture or a call. */
function constantAt(line: Line, word: Word): number | undefined {
  const value = numeralOf(word.text) ?? (word.text.startsWith("AUDIT_ARCH_") ? auditArchValue(word.text) : undefined);
  if (value !== undefined) {
    return value;
  }
  const { abi } = line.state;
  if (!isSyscallName(word.text)) {
    const message = `${quoted(word)} is neither a number nor the name of an architecture or a system call`;
    return wrong(line, word, "bpf-text-constant", message);
  }
  if (abi === undefined) {
    const message = `the number of ${word.text} depends on the ABI, and none is named`;
    return wrong(line, word, "bpf-text-abi", message, "for example, put .abi x86_64 before it");
  }
  const number = numberOf(abi, word.text);
  if (number !== undefined) {
    return number;
  }
  return wrong(line, word, "bpf-text-constant", `${abi} has no system call ${word.text}`);
}

function scratchAt(line: Line, word: Word): number | undefined {
  const digits = /^M\[(\d{1,10})\]$/.exec(word.text)?.[1];
  const value = digits === undefined ? undefined : numeralOf(digits);
  if (value !== undefined) {
    return value;
  }
  return wrong(line, word, "bpf-text-operand", `${quoted(word)} is not a scratch word`, "write M[0] to M[15]");
}

const plain = (code: number, k: number): Statement => ({ kind: "plain", code, k });

/** What only A can load: a word of seccomp_data, by name or by offset. */
function fieldAt(line: Line, word: Word): Statement | undefined {
  const field = fieldOfText(word.text);
  if (field !== undefined) {
    return plain(OPCODES.LD_ABS, offsetOf(field, line.state.littleEndian));
  }
  const offset = /^\[([^\]]+)\]$/.exec(word.text)?.[1];
  const k = offset === undefined ? undefined : numeralOf(offset);
  if (k !== undefined) {
    return plain(OPCODES.LD_ABS, k);
  }
  const help = "nr, arch, ip.lo, args[0].hi, [16], #5, M[3] or len";
  return wrong(line, word, "bpf-text-operand", `A cannot load ${quoted(word)}`, help);
}

function loadOf(line: Line, word: Word): Statement | undefined {
  const codes =
    line.mnemonic.text === "ldx"
      ? { len: OPCODES.LDX_LEN, scratch: OPCODES.LDX_MEM, constant: OPCODES.LDX_IMM }
      : { len: OPCODES.LD_LEN, scratch: OPCODES.LD_MEM, constant: OPCODES.LD_IMM };
  if (word.text === "len") {
    return plain(codes.len, 0);
  }
  const [scratch, constant] = [word.text.startsWith("M["), word.text.startsWith("#")];
  if (scratch || constant) {
    const k = scratch ? scratchAt(line, word) : numberAt(line, word);
    return k === undefined ? undefined : plain(scratch ? codes.scratch : codes.constant, k);
  }
  if (line.mnemonic.text === "ld") {
    return fieldAt(line, word);
  }
  return wrong(line, word, "bpf-text-operand", `X cannot load ${quoted(word)}`, "load A, then tax");
}

function labelAt(line: Line, word: Word): string | undefined {
  if (/^[A-Za-z_][\w.]*$/.test(word.text)) {
    return word.text;
  }
  return wrong(
    line,
    word,
    "bpf-text-operand",
    `${quoted(word)} is not a label`,
    "a letter or _, then letters, digits, _ or .",
  );
}

function jumpOf(line: Line, jump: (typeof JUMPS)[number]): Statement | undefined {
  const [value, first, second] = line.operands;
  if (value === undefined || first === undefined) {
    return undefined;
  }
  const onX = value.text === "x";
  const k = onX ? 0 : constantAt(line, value);
  const [target, other] = [labelAt(line, first), second === undefined ? undefined : labelAt(line, second)];
  if (k === undefined || target === undefined) {
    return undefined;
  }
  const inverse = line.mnemonic.text === jump.inverse;
  const [yes, no] = inverse ? [other, target] : [target, other];
  const sides = { ...(yes === undefined ? {} : { yes }), ...(no === undefined ? {} : { no }) };
  return { kind: "branch", code: jump.code | (onX ? SOURCE_X : 0), k, ...sides };
}

function returnOf(line: Line, word: Word): Statement | undefined {
  if (word.text === "a") {
    return plain(OPCODES.RET_A, 0);
  }
  const value = returnOfText(word.text, line.state.abi) ?? numeralOf(word.text);
  if (value !== undefined) {
    return plain(OPCODES.RET, value);
  }
  const help =
    "ALLOW, LOG, ERRNO(1), ERRNO(EPERM), TRAP(0), TRACE(0), USER_NOTIF, KILL_PROCESS, KILL_THREAD, a number, or a";
  return wrong(line, word, "bpf-text-operand", `${quoted(word)} is not a return value`, help);
}

function rawOf(line: Line): Statement | undefined {
  const limits = [0xffff, 0xff, 0xff, 0xffffffff];
  const [code, jt, jf, k] = line.operands.map((word, index) => numberAt(line, word, limits[index]));
  if (code === undefined || jt === undefined || jf === undefined || k === undefined) {
    return undefined;
  }
  return { kind: "plain", code, jt, jf, k };
}

function storeOf(line: Line, word: Word): Statement | undefined {
  const k = scratchAt(line, word);
  return k === undefined ? undefined : plain(line.mnemonic.text === "st" ? OPCODES.ST : OPCODES.STX, k);
}

function gotoOf(line: Line, word: Word): Statement | undefined {
  const to = labelAt(line, word);
  return to === undefined ? undefined : { kind: "goto", to };
}

/** How a mnemonic is read, and how many operands it takes. */
interface Reader {
  readonly least: number;
  readonly most: number;
  readonly read: (line: Line, first: Word) => Statement | undefined;
}

function readers(): ReadonlyMap<string, Reader> {
  const one = (read: Reader["read"]): Reader => ({ least: 1, most: 1, read });
  const all = new Map<string, Reader>([
    ["ld", one(loadOf)],
    ["ldx", one(loadOf)],
    ["st", one(storeOf)],
    ["stx", one(storeOf)],
    ["ja", one(gotoOf)],
    ["ret", one(returnOf)],
    ["raw", { least: 4, most: 4, read: rawOf }],
  ]);
  for (const [word, code] of Object.entries(SIMPLE)) {
    all.set(word, { least: 0, most: 0, read: () => plain(code, 0) });
  }
  for (const [word, code] of Object.entries(ARITHMETIC)) {
    const read: Reader["read"] = (line, first) => {
      if (first.text === "x") {
        return plain(code | SOURCE_X, 0);
      }
      const k = constantAt(line, first);
      return k === undefined ? undefined : plain(code, k);
    };
    all.set(word, one(read));
  }
  for (const jump of JUMPS) {
    const reader: Reader = { least: 2, most: 3, read: (line) => jumpOf(line, jump) };
    all.set(jump.word, reader).set(jump.inverse, reader);
  }
  return all;
}

const mnemonics = readers();

function setAbi(line: Line, word: Word): void {
  if (isAbi(word.text)) {
    line.state.abi = word.text;
  } else {
    wrong(line, word, "bpf-text-abi", `there is no ABI ${quoted(word)}`, "for example x86_64, i386 or aarch64");
  }
}

function setEndian(line: Line, word: Word): void {
  if (word.text !== "big" && word.text !== "little") {
    wrong(line, word, "bpf-text-endian", `${quoted(word)} is not a byte order`, "big or little");
  } else if (line.state.statements.some(({ kind }) => kind !== "label")) {
    wrong(line, word, "bpf-text-endian", ".endian comes after an instruction", "put it first");
  } else {
    line.state.littleEndian = word.text === "little";
  }
}

function readDirective(line: Line): void {
  const { mnemonic, operands } = line;
  const [first, ...others] = operands;
  const known = mnemonic.text === ".abi" || mnemonic.text === ".endian";
  if (!known) {
    wrong(line, mnemonic, "bpf-text-directive", `${quoted(mnemonic)} is not a directive`, ".abi or .endian");
  } else if (first === undefined || others.length > 0) {
    wrongCount(line, "1");
  } else if (mnemonic.text === ".abi") {
    setAbi(line, first);
  } else {
    setEndian(line, first);
  }
}

function wrongCount(line: Line, wanted: string): void {
  const noun = wanted === "1" ? "operand" : "operands";
  const message = `${line.mnemonic.text} takes ${wanted} ${noun}, not ${line.operands.length}`;
  wrong(line, line.mnemonic, "bpf-text-operands", message);
}

function add({ state, number, mnemonic }: Line, statement: Statement): void {
  state.statements.push(statement);
  state.spans.push({ file: state.file, line: number, column: mnemonic.column });
}

function readInstruction(line: Line): void {
  const { mnemonic, operands } = line;
  const reader = mnemonics.get(mnemonic.text);
  if (reader === undefined) {
    wrong(
      line,
      mnemonic,
      "bpf-text-mnemonic",
      `${quoted(mnemonic)} is not an instruction`,
      "for example ld, jeq, ja or ret",
    );
    return;
  }
  const { least, most, read } = reader;
  if (operands.length < least || operands.length > most) {
    wrongCount(line, least === most ? String(least) : `${least} or ${most}`);
    return;
  }
  const statement = read(line, operands[0] ?? mnemonic);
  if (statement !== undefined) {
    add(line, statement);
  }
}

/** The comma-separated operands of a line, each with its column; empty ones are kept, to be refused later. */
function operandsOf(text: string, column: number): readonly Word[] {
  if (text.trim() === "") {
    return [];
  }
  let at = column;
  return text.split(",").map((part) => {
    const word = { text: part.trim(), column: at + (part.length - part.trimStart().length) };
    at += part.length + 1;
    return word;
  });
}

function readLine(state: State, text: string, number: number): void {
  const [code = ""] = text.split(";", 1);
  let rest = code;
  let column = 1;
  const skip = (length: number): void => {
    rest = rest.slice(length);
    column += length;
  };
  for (;;) {
    skip(rest.length - rest.trimStart().length);
    const [whole, name] = /^([A-Za-z_][\w.]*):/.exec(rest) ?? [];
    if (whole === undefined || name === undefined) {
      break;
    }
    add({ state, number, mnemonic: { text: whole, column }, operands: [] }, { kind: "label", name });
    skip(whole.length);
  }
  const [word] = /^\S+/.exec(rest) ?? [];
  if (word === undefined) {
    return;
  }
  const mnemonic = { text: word, column };
  skip(word.length);
  const line: Line = { state, number, mnemonic, operands: operandsOf(rest, column) };
  if (word.startsWith(".")) {
    readDirective(line);
  } else {
    readInstruction(line);
  }
}

/** Reading stops after this many mistakes: the text is hardly a listing at all. */
const MOST_MISTAKES = 20;

/**
 * Assembles a text; without `.endian` it is for a little-endian machine. Every mistake is a diagnostic with its
 * line and column, up to twenty; the codes begin with `bpf-`. The kernel may still refuse the result: see `validate`.
 *
 * @example
 * import { assembleText, disassemble } from "cloison";
 * import assert from "node:assert";
 * const { value } = assembleText(".abi x86_64\nld nr\njeq ptrace, no\nret ALLOW\nno: ret ERRNO(1)\n");
 * assert.deepEqual(value.program[1], { code: 0x15, jt: 1, jf: 0, k: 101 });
 * assert.ok(disassemble(value.program, { abi: "x86_64" }).includes("jeq ptrace, L3"));
 */
export function assembleText(text: string, file = "filter"): Parsed<TargetProgram> {
  const state: State = { file, statements: [], spans: [], found: [], abi: undefined, littleEndian: true };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    readLine(state, line, index + 1);
    if (state.found.length >= MOST_MISTAKES) {
      break;
    }
  }
  if (state.found.length > 0) {
    return { ok: false, diagnostics: state.found };
  }
  const result = assemble(state.statements, (place) => state.spans[place]);
  if (!result.ok) {
    return result;
  }
  return { ok: true, value: { program: result.value, littleEndian: state.littleEndian }, diagnostics: [] };
}
