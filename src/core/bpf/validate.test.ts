import { expect, test } from "vitest";
import { assembleText } from "./assemble-text.ts";
import { MAX_INSTRUCTIONS, type Program } from "./instruction.ts";
import { validate } from "./validate.ts";

function programOf(text: string): Program {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value.program;
}

function said(program: Program): readonly string[] {
  return validate(program).map(({ code, message }) => `${code}: ${message}`);
}

/**
 * test/live/bpf.test.ts checks against the kernel that it refuses just these; here are the messages that people read.
 */
test.each<[string, string]>([
  ["ld nr", "bpf-return: instruction 0: the last instruction is not a return"],
  ["raw 0x15, 0, 3, 7\nret 0", "bpf-jump: instruction 0: the jump if false goes to 4, past the last instruction, 1"],
  ["raw 0x05, 0, 0, 1\nret 0", "bpf-jump: instruction 0: the jump goes to 2, past the last instruction, 1"],
  ["st M[16]\nret 0", "bpf-scratch: instruction 0: there is no scratch word M[16]: the last one is M[15]"],
  ["ld nr\nldx M[3]\nret 0", "bpf-unwritten: instruction 1: M[3] is read, but not every path here has written it"],
  ["div 0\nret 0", "bpf-divide: instruction 0: a division by the constant 0"],
  ["lsh 32\nret 0", "bpf-shift: instruction 0: a 32-bit word cannot be shifted by 32 bits"],
  ["ld [6]\nret 0", "bpf-load: instruction 0: a load from offset 6: only multiples of 4 below 64 can be loaded"],
  ["raw 0x94, 0, 0, 3\nret 0", "bpf-opcode: instruction 0: seccomp does not permit the operation 0x94"],
])("validate names rule and instruction: %j", (text, expected) => {
  expect(said(programOf(text))).toEqual([expected]);
});

test("validate counts instructions", () => {
  const ret = { code: 0x06, jt: 0, jf: 0, k: 0 };
  expect(said([])).toEqual(["bpf-length: a filter of no instruction"]);
  expect(said(new Array(MAX_INSTRUCTIONS).fill(ret))).toEqual([]);
  expect(said(new Array(MAX_INSTRUCTIONS + 1).fill(ret))).toEqual([
    "bpf-length: 4097 instructions: a filter has 4096 at most",
  ]);
});

test("validate finds every broken rule at once, before it follows paths", () => {
  const codes = validate(programOf("ld M[1]\ndiv 0\nld [64]\n")).map(({ code }) => code);
  expect(codes).toEqual(["bpf-divide", "bpf-load", "bpf-return"]);
});
