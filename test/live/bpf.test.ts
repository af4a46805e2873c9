/**
 * The machine of core/bpf against the real kernel: what it accepts, what filters answer, what a stack weighs. SEED=n repeats a
 * run, FILTERS=n tries as many random programs. Tests src/core/bpf.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { assembleText } from "../../src/core/bpf/assemble-text.ts";
import { disassemble } from "../../src/core/bpf/disassemble.ts";
import { emulate } from "../../src/core/bpf/emulate.ts";
import { type Instruction, MAX_INSTRUCTIONS, type Program } from "../../src/core/bpf/instruction.ts";
import { OPCODES } from "../../src/core/bpf/opcode.ts";
import { meaningOf } from "../../src/core/bpf/return-value.ts";
import { validate } from "../../src/core/bpf/validate.ts";
import { STACK_ENTRY, STACK_LIMIT, stackWeight, weightOf } from "../../src/core/bpf/weight.ts";
import { tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { type FilterCase, type FilteredCall, type FilterRun, runFilters } from "./fixtures/filter-runner.ts";

const EINVAL = 22n;
const ENOMEM = 12n;
const ENOSYS = 38n;
const SIGSEGV = 11;
const SIGSYS = 31;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env.FILTERS ?? 300);

const instruction = (code: number, k = 0, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });
const ret = (value: number) => instruction(OPCODES.RET, value);
const ALLOW = 0x7fff0000;

function programOf(text: string): Program {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value.program;
}

test("the kernel accepts exactly the operations that validate accepts", () => {
  const codes = [...Array.from({ length: 0x100 }, (_, code) => code), 0x120, 0x106, 0x8000, 0xff06, 0xffff];
  const programs = codes.map((code): Program => [instruction(OPCODES.ST, 0), instruction(code, 0x0), ret(ALLOW)]);
  const wide = codes.map((code): Program => [instruction(OPCODES.ST, 1), instruction(code, 0x1), ret(ALLOW)]);
  const all = [...programs, ...wide];
  const results = runFilters(all.map((program) => ({ program, calls: [] })));
  for (const [index, { attached }] of results.entries()) {
    const expected = validate(all[index]!).length === 0 ? 0n : -EINVAL;
    expect(attached, disassemble(all[index]!)).toBe(expected);
  }
  const accepted = programs.filter((program, index) => results[index]!.attached === 0n || validate(program).length > 0);
  expect(accepted.length).toBe(programs.length);
});

test("the kernel refuses what breaks each rule, at its border, and accepts what lies just within", () => {
  const long = (length: number): Program => [...new Array<Instruction>(length - 1).fill(instruction(0)), ret(ALLOW)];
  const st = (k: number) => instruction(OPCODES.ST, k);
  const bad: readonly (readonly [string, Program])[] = [
    ["bpf-length", []],
    ["bpf-length", long(MAX_INSTRUCTIONS + 1)],
    ["bpf-return", [ret(0), instruction(0)]],
    ["bpf-return", [ret(0), instruction(OPCODES.JA, 0)]],
    ["bpf-jump", [instruction(OPCODES.JA, 1), ret(0)]],
    ["bpf-jump", [instruction(OPCODES.JA, 0xffffffff), ret(0)]],
    ["bpf-jump", [instruction(OPCODES.JEQ, 0, 1, 0), ret(0)]],
    ["bpf-jump", [instruction(OPCODES.JSET_X, 0, 0, 1), ret(0)]],
    ["bpf-scratch", [st(16), ret(0)]],
    ["bpf-scratch", [instruction(OPCODES.STX, 16), ret(0)]],
    ["bpf-unwritten", [instruction(OPCODES.LD_MEM, 3), ret(0)]],
    ["bpf-unwritten", [instruction(OPCODES.JEQ, 0, 0, 1), st(3), instruction(OPCODES.LDX_MEM, 3), ret(0)]],
    // Unreachable, and yet it counts: nothing has written M[1] on the way that the kernel sees behind the return.
    ["bpf-unwritten", [ret(0), instruction(OPCODES.LD_MEM, 1), ret(0)]],
    ["bpf-divide", [instruction(OPCODES.DIV, 0), ret(0)]],
    ["bpf-shift", [instruction(OPCODES.LSH, 32), ret(0)]],
    ["bpf-shift", [instruction(OPCODES.RSH, 0x80000000), ret(0)]],
    ["bpf-load", [instruction(OPCODES.LD_ABS, 64), ret(0)]],
    ["bpf-load", [instruction(OPCODES.LD_ABS, 2), ret(0)]],
    ["bpf-load", [instruction(OPCODES.LD_ABS, 0xfffff000), ret(0)]],
    ["bpf-opcode", [instruction(0x94, 3), ret(0)]],
  ];
  const good: readonly Program[] = [
    long(MAX_INSTRUCTIONS),
    [ret(0), instruction(0), ret(0)],
    [instruction(OPCODES.JA, 0), ret(0)],
    [instruction(OPCODES.JEQ, 0, 1, 1), instruction(0), ret(0)],
    [st(15), instruction(OPCODES.LD_MEM, 15), ret(0)],
    [instruction(OPCODES.JEQ, 0, 0, 1), st(3), ret(0)],
    // Behind an unconditional jump every word counts as written.
    [instruction(OPCODES.JA, 1), instruction(OPCODES.LD_MEM, 1), ret(0)],
    [instruction(OPCODES.DIV, 1), instruction(OPCODES.LSH, 31), instruction(OPCODES.LD_ABS, 60), ret(0)],
    [{ ...ret(0), jt: 9, jf: 9 }],
  ];
  for (const [code, program] of bad) {
    expect(validate(program).map((each) => each.code)).toContain(code);
  }
  for (const program of good) {
    expect(validate(program)).toEqual([]);
  }
  const results = runFilters(
    [...bad.map(([, program]) => program), ...good].map((program) => ({ program, calls: [] })),
  );
  expect(results.map(({ attached }) => attached)).toEqual([...bad.map(() => -EINVAL), ...good.map(() => 0n)]);
});

/** Numbers that no ABI has a call for, and -1. */
const numbers = fc.oneof(
  fc.integer({ min: 1000, max: 5000 }),
  fc.constantFrom(-1, 0x3fffffff, 0x40001000, 0x7fffffff, 0x80000000),
  fc.integer({ min: 0x40001000, max: 0xfffffffe }),
);
const interesting = fc.constantFrom(
  0,
  1,
  2,
  31,
  64,
  0xff,
  0xfff,
  0x1000,
  0x7fffffff,
  0x80000000,
  0xfffffffe,
  0xffffffff,
);
const word = fc.oneof(interesting, fc.integer({ min: 0, max: 0xffffffff }));
const argument = fc.tuple(word, word).map(([high, low]) => (BigInt(high) << 32n) | BigInt(low));
const call: fc.Arbitrary<FilteredCall> = fc.record({
  entry: fc.constantFrom("native", "native", "i386"),
  nr: numbers,
  args: fc.array(argument, { minLength: 6, maxLength: 6 }),
});

const returns = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((data) => 0x00050000 | data) },
  { weight: 1, arbitrary: fc.constantFrom(ALLOW, 0x7fff1234, 0x7ff00001, 0x7fc00000, 0x00030007, 0, 0x80000000) },
);

/** Mostly what the kernel would take; now and then anything. */
const anyInstruction: fc.Arbitrary<Instruction> = fc
  .tuple(fc.constantFrom(...Object.values(OPCODES)), word, returns, fc.nat(6), fc.nat(6), fc.nat(999))
  .map(([code, k, value, jt, jf, luck]): Instruction => {
    if (luck < 5) {
      return { code: (k >>> 8) & 0xff, jt, jf, k };
    }
    if (luck < 12) {
      return { code, jt: jt * 9, jf: jf * 9, k };
    }
    if (code === OPCODES.RET) {
      return { code, jt: 0, jf: 0, k: value };
    }
    if (code === OPCODES.LD_ABS) {
      return { code, jt: 0, jf: 0, k: (k % 16) * 4 };
    }
    if ([OPCODES.LD_MEM, OPCODES.LDX_MEM, OPCODES.ST, OPCODES.STX].some((each) => each === code)) {
      return { code, jt: 0, jf: 0, k: k % 4 };
    }
    if (code === OPCODES.LSH || code === OPCODES.RSH) {
      return { code, jt: 0, jf: 0, k: k % 32 };
    }
    if (code === OPCODES.JA) {
      return { code, jt: 0, jf: 0, k: jt };
    }
    return { code, jt, jf, k };
  });

/** Stores first, so that loads are mostly allowed; at the end twelve bits of A become an error number. */
const anyProgram: fc.Arbitrary<Program> = fc
  .tuple(fc.array(anyInstruction, { minLength: 1, maxLength: 40 }), fc.nat(3), fc.nat(20), word)
  .map(([body, stored, shift, start]) => [
    instruction(OPCODES.LD_IMM, start),
    ...Array.from({ length: 4 - stored }, (_, index) => instruction(index % 2 === 0 ? OPCODES.ST : OPCODES.STX, index)),
    instruction(OPCODES.LD_ABS, 16 + (start % 12) * 4),
    ...body,
    ...Array.from({ length: 6 }, () => instruction(OPCODES.ADD, 1)),
    instruction(OPCODES.RSH, shift),
    instruction(OPCODES.AND, 0xfff),
    instruction(OPCODES.OR, 0x00050000),
    instruction(OPCODES.RET_A),
  ]);

/** What the emulator says that each call returns; from the first that kills on, nothing. */
function predicted({ program, calls }: FilterCase, pointers: FilterRun["pointers"]): readonly (bigint | undefined)[] {
  let dead = false;
  return calls.map(({ entry, nr, args }) => {
    const native = entry === "native";
    const data = {
      arch: tableOf(native ? "x86_64" : "i386").audit,
      nr,
      instructionPointer: pointers[entry],
      args,
    };
    const outcome = emulate(program, data);
    if (outcome.kind === "fault") {
      throw new Error(`${outcome.reason}\n${disassemble(program)}`);
    }
    const { action, data: number } = meaningOf(outcome.value);
    dead ||= ["KILL_PROCESS", "KILL_THREAD", "TRAP"].includes(action);
    if (dead) {
      return undefined;
    }
    return action === "ERRNO" ? -BigInt(number) : -ENOSYS;
  });
}

test("random programs: accepted by validate and the kernel alike, and the emulator gives the kernel's answers", () => {
  const cases = fc.sample(fc.record({ program: anyProgram, calls: fc.array(call, { minLength: 8, maxLength: 8 }) }), {
    numRuns: runs,
    seed,
  });
  const results = runFilters(cases);
  const tally = { refused: 0, returned: 0, killed: 0 };
  const ran = new Set<number>();
  for (const [index, each] of cases.entries()) {
    const { attached, results: got, signal, pointers } = results[index]!;
    const about = `SEED=${seed}\n${disassemble(each.program)}`;
    const faults = validate(each.program);
    expect(attached, `${about}${faults[0]?.message}`).toBe(faults.length === 0 ? 0n : -EINVAL);
    if (faults.length > 0) {
      tally.refused += 1;
      continue;
    }
    const expected = predicted(each, pointers);
    expect(got, about).toEqual(expected);
    expect(signal, about).toBe(expected.includes(undefined) ? SIGSYS : SIGSEGV);
    tally.returned += expected.filter((value) => value !== undefined).length;
    if (expected.includes(undefined)) {
      tally.killed += 1;
    }
    for (const { nr, args } of each.calls) {
      emulate(each.program, { arch: 0xc000003e, nr, args }, true, (at) => ran.add(each.program[at]!.code));
    }
  }
  // The comparison would be empty if all were refused, or killed at once; and every operation must have run.
  expect(tally.refused).toBeGreaterThan(runs / 20);
  expect(tally.returned).toBeGreaterThan(runs);
  expect(tally.killed).toBeGreaterThan(runs / 20);
  if (runs >= 300) {
    expect([...ran].sort()).toEqual(Object.values(OPCODES).sort());
  }
});

test("the instruction pointer is the address behind the call, in both halves", () => {
  const program = programOf("ld ip.lo\nand 0xfff\nor 0x50000\nret a");
  const high = programOf("ld ip.hi\njne 0, no\nret ERRNO(7)\nno: ret ERRNO(8)");
  const calls: readonly FilteredCall[] = [
    { entry: "native", nr: 1000, args: [] },
    { entry: "i386", nr: 1000, args: [] },
  ];
  const [low, upper] = runFilters([
    { program, calls },
    { program: high, calls },
  ]);
  expect(low!.results).toEqual([-(low!.pointers.native & 0xfffn), -(low!.pointers.i386 & 0xfffn)]);
  expect(upper!.results).toEqual([-7n, -7n]);
});

test("a stack of filters takes as many as its weight says", () => {
  const allow = "ret ALLOW\n";
  const padded = (line: string, count: number) => programOf(`${`${line}\n`.repeat(count)}end: ${allow}`);
  const programs: readonly Program[] = [
    programOf(allow),
    padded("ld nr", 99),
    padded("jeq 7, end", 60),
    padded("jne 7, end", 60),
    padded("jle 7, end", 60),
    padded("jnset 7, end", 60),
    padded("jset 7, end", 60),
    padded("jeq 0x80000000, end", 60),
    padded("jne 0xffffffff, end", 60),
    programOf(`${"jeq 7, end, end\n".repeat(100)}end: ${allow}`),
    programOf(`${"jeq x, end, end\n".repeat(100)}end: ${allow}`),
    programOf(`ldx #1\n${"div x\n".repeat(100)}${allow}`),
    programOf(`ja end\n${"ret 0\n".repeat(100)}end: ${allow}`),
    programOf(`ja end\n${"ret a\n".repeat(100)}end: ${allow}`),
    programOf(`${"st M[1]\nldx M[1]\nld len\nneg\ntax\nadd x\nmul 3\n".repeat(20)}${allow}`),
  ];
  const results = runFilters(programs.map((program) => ({ program, calls: [], repeat: 10_000 })));
  for (const [index, { attached, times }] of results.entries()) {
    const program = programs[index]!;
    const about = disassemble(program).slice(0, 300);
    expect(attached, about).toBe(-ENOMEM);
    // A newcomer counts without the entry that those before it have.
    const fits = 1 + Math.floor((STACK_LIMIT - weightOf(program)) / (weightOf(program) + STACK_ENTRY));
    expect(times, about).toBe(fits);
    expect(stackWeight(new Array(times).fill(program))).toBeLessThanOrEqual(STACK_LIMIT);
    expect(stackWeight(new Array(times + 1).fill(program))).toBeGreaterThan(STACK_LIMIT);
  }
});
