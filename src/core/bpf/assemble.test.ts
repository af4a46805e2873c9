import { expect, test } from "vitest";
import { assemble, type Statement } from "./assemble.ts";
import { OPCODES } from "./opcode.ts";

const filler = (count: number): Statement[] =>
  new Array<Statement>(count).fill({ kind: "plain", code: OPCODES.LD_IMM, k: 0 });
const ret = (k: number): Statement => ({ kind: "plain", code: OPCODES.RET, k });

function codesOf(statements: readonly Statement[]) {
  const result = assemble(statements);
  if (!result.ok) {
    throw new Error(result.diagnostics[0]!.message);
  }
  return result.value;
}

test("a jump over 255 instructions needs no trampoline", () => {
  const program = codesOf([
    { kind: "branch", code: OPCODES.JEQ, k: 1, yes: "end" },
    ...filler(255),
    { kind: "label", name: "end" },
    ret(7),
  ]);
  expect(program.length).toBe(257);
  expect(program[0]).toEqual({ code: 0x15, jt: 255, jf: 0, k: 1 });
});

test("a jump over 256 goes through a copy of the return that it leads to", () => {
  const program = codesOf([
    { kind: "branch", code: OPCODES.JEQ, k: 1, yes: "end" },
    ...filler(256),
    { kind: "label", name: "end" },
    ret(7),
  ]);
  expect(program.length).toBe(259);
  expect(program.slice(0, 2)).toEqual([
    { code: 0x15, jt: 0, jf: 1, k: 1 }, // false: over the trampoline
    { code: 0x06, jt: 0, jf: 0, k: 7 },
  ]);
});

test("a jump to something else goes through a JA, each side through its own", () => {
  const program = codesOf([
    { kind: "branch", code: OPCODES.JGT, k: 1, yes: "one", no: "two" },
    ...filler(300),
    { kind: "label", name: "one" },
    ...filler(1),
    { kind: "label", name: "two" },
    { kind: "plain", code: OPCODES.LD_LEN, k: 0 },
    ret(0),
  ]);
  expect(program.slice(0, 3)).toEqual([
    { code: 0x25, jt: 0, jf: 1, k: 1 },
    { code: 0x05, jt: 0, jf: 0, k: 301 }, // instruction 1: to 303
    { code: 0x05, jt: 0, jf: 0, k: 301 }, // instruction 2: to 304
  ]);
  expect(program[304]).toEqual({ code: 0x80, jt: 0, jf: 0, k: 0 });
});

test("a trampoline pushes another jump over the border, and that one gets its own", () => {
  const program = codesOf([
    { kind: "branch", code: OPCODES.JEQ, k: 1, yes: "near" }, // 255 away as long as nothing is inserted in between
    { kind: "branch", code: OPCODES.JEQ, k: 2, yes: "far" },
    ...filler(254),
    { kind: "label", name: "near" },
    { kind: "plain", code: OPCODES.LD_LEN, k: 0 },
    ...filler(5),
    { kind: "label", name: "far" },
    ret(9),
  ]);
  expect(program.slice(0, 4).map(({ code, jt, jf }) => [code, jt, jf])).toEqual([
    [0x15, 0, 1],
    [0x05, 0, 0],
    [0x15, 0, 1],
    [0x06, 0, 0],
  ]);
  expect(program[1]!.k).toBe(256);
});

test("labels that cannot be reached are named", () => {
  const result = assemble([
    { kind: "goto", to: "nowhere" },
    { kind: "label", name: "end" },
  ]);
  expect(result).toEqual({
    ok: false,
    diagnostics: [
      {
        code: "bpf-no-label",
        severity: "error",
        message: "statement 0: there is no label nowhere",
        help: "define it after the jump",
      },
    ],
  });
});
