import { expect, test } from "vitest";
import { assembleText } from "./assemble-text.ts";
import { emulate } from "./emulate.ts";
import type { Program } from "./instruction.ts";

function programOf(text: string): Program {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value.program;
}

/** The final value of A. */
function resultOf(...lines: readonly string[]): number | string {
  const data = { arch: 0xc000003e, nr: -1, args: [0x1111_1111_2222_2222n], instructionPointer: 0x7fff_0000_1234n };
  const outcome = emulate(programOf([...lines, "ret a"].join("\n")), data);
  return outcome.kind === "return" ? outcome.value : outcome.reason;
}

test.each<[string, readonly string[], number]>([
  ["the number of the call is unsigned", ["ld nr"], 0xffffffff],
  ["the architecture", ["ld arch"], 0xc000003e],
  ["the halves of an argument", ["ld args[0].hi", "tax", "ld args[0].lo", "sub x"], 0x11111111],
  ["the instruction pointer", ["ld ip.hi"], 0x7fff],
  ["an argument that was left out is 0", ["ld args[5].lo"], 0],
  ["the length is that of struct seccomp_data", ["ldx len", "txa"], 64],
  ["words of scratch memory", ["ld #7", "st M[15]", "ldx #9", "stx M[0]", "ld M[0]", "ldx M[15]", "sub x"], 2],
])("emulate loads: %s", (_, lines, expected) => {
  expect(resultOf(...lines)).toBe(expected);
});

test.each<[string, readonly string[], number]>([
  ["addition wraps", ["ld #0xffffffff", "add 2"], 1],
  ["subtraction wraps", ["ld #1", "sub 2"], 0xffffffff],
  ["multiplication keeps the lower 32 bits", ["ld #0x10001", "mul 0x10001"], 0x20001],
  ["division is unsigned", ["ld #0xfffffffe", "div 2"], 0x7fffffff],
  ["or, and, xor", ["ld #12", "or 0x30", "and 0x18", "xor 0xff"], 0xe7],
  ["a shift to the left drops bits", ["ld #0xc0000001", "lsh 1"], 0x80000002],
  ["a shift to the right fills with zeros", ["ld #0x80000000", "rsh 31"], 1],
  ["negation is two's complement", ["ld #1", "neg"], 0xffffffff],
  ["X as second operand", ["ldx #5", "ld #30", "div x", "mul x", "add x"], 35],
])("emulate calculates: %s", (_, lines, expected) => {
  expect(resultOf(...lines)).toBe(expected);
});

test.each<[string, boolean]>([
  ["jeq 0x80000000", true],
  ["jeq 0", false],
  ["jgt 0x7fffffff", true], // unsigned
  ["jgt 0x80000000", false],
  ["jge 0x80000000", true],
  ["jset 0x80000001", true],
  ["jset 0x7fffffff", false],
  ["jne 0x80000000", false],
  ["jle 0x80000000", true],
  ["jlt 0x80000001", true],
])("emulate compares 0x80000000 by %s: %s", (words, expected) => {
  const lines = ["ld #0x80000000", `${words}, yes`, "ret 0", "yes: ret 1"];
  expect(emulate(programOf(lines.join("\n")), { arch: 0, nr: 0 })).toMatchObject({ value: expected ? 1 : 0 });
});

test("emulate: a division by X = 0 ends the program with 0, whatever comes behind", () => {
  const outcome = emulate(programOf("ld #8\nldx #0\ndiv x\nret ALLOW\n"), { arch: 0, nr: 0 });
  expect(outcome).toEqual({ kind: "return", value: 0, at: 2, steps: 3 });
});

test("emulate: what the kernel would not accept is a fault that names the instruction", () => {
  const ran: number[] = [];
  const program = programOf("ja over\nret ALLOW\nover: raw 0x94, 0, 0, 3\nret ALLOW\n");
  expect(emulate(program, { arch: 0, nr: 0 }, true, (at) => ran.push(at))).toMatchObject({ kind: "fault", at: 2 });
  expect(ran).toEqual([0, 2]);
  expect(emulate(programOf("ld nr\n"), { arch: 0, nr: 0 })).toMatchObject({ kind: "fault", at: 1 });
});
