import { expect, test } from "vitest";
import { type Assembler, assembler } from "./assemble.ts";

/** The bytes beside what the manual's encoding tables give for them (checked with objdump). */
const encodings: readonly (readonly [string, (code: Assembler) => void, string])[] = [
  ["mov edi, 1", (code) => code.load("rdi", 1n), "bf 01 00 00 00"],
  ["mov r10d, 2", (code) => code.load("r10", 2n), "41 ba 02 00 00 00"],
  ["movabs rsi, -100", (code) => code.load("rsi", -100n), "48 be 9c ff ff ff ff ff ff ff"],
  ["movabs r8, -1", (code) => code.load("r8", -1n), "49 b8 ff ff ff ff ff ff ff ff"],
  ["mov rax, [0x700000]", (code) => code.loadFrom("rax", 0x700000), "48 8b 04 25 00 00 70 00"],
  ["mov r9, [0x700008]", (code) => code.loadFrom("r9", 0x700008), "4c 8b 0c 25 08 00 70 00"],
  ["mov [0x700000], rcx", (code) => code.storeTo(0x700000, "rcx"), "48 89 0c 25 00 00 70 00"],
  ["mov ecx, [0x700000]", (code) => code.loadHalfFrom("rcx", 0x700000), "8b 0c 25 00 00 70 00"],
  ["mov r9d, [0x700008]", (code) => code.loadHalfFrom("r9", 0x700008), "44 8b 0c 25 08 00 70 00"],
  ["add rax, rcx", (code) => code.add("rax", "rcx"), "48 01 c8"],
  ["movsxd rax, [rax + 0x148]", (code) => code.loadSignedBehind(0x148), "48 63 80 48 01 00 00"],
  ["mov [rax + 4], ecx", (code) => code.storeBehind(4, "rcx", 4), "89 88 04 00 00 00"],
  ["mov [rax + 0x20], r9", (code) => code.storeBehind(0x20, "r9", 8), "4c 89 88 20 00 00 00"],
  ["add [0x700000], rax", (code) => code.addTo(0x700000, "rax"), "48 01 04 25 00 00 70 00"],
  ["sub [0x700008], r9", (code) => code.subtractFrom(0x700008, "r9"), "4c 29 0c 25 08 00 70 00"],
  ["mov word [0x600004], 2", (code) => code.storeWord(0x600004, 2), "66 c7 04 25 04 00 60 00 02 00"],
  ["movsxd rax, eax", (code) => code.signExtend(), "48 63 c0"],
  ["cmp rax, rcx", (code) => code.compare("rax", "rcx"), "48 39 c8"],
  ["cmp rax, -2", (code) => code.compareWith("rax", -2), "48 81 f8 fe ff ff ff"],
];

test.each(encodings)("%s", (_, emit, expected) => {
  const code = assembler();
  emit(code);
  expect(Buffer.from(code.finish()).toString("hex")).toBe(expected.replaceAll(" ", ""));
});

test("a jump counts from the end of its instruction, forward and back", () => {
  const code = assembler();
  code.label("start");
  code.jump("equal", "end"); // 6 bytes
  code.jump("always", "start"); // 5 bytes
  code.label("end");
  expect([...code.finish()]).toEqual([0x0f, 0x84, 5, 0, 0, 0, 0xe9, 0xf5, 0xff, 0xff, 0xff]);
});

test("a label that is missing or stands twice is refused", () => {
  const missing = assembler();
  missing.jump("always", "nowhere");
  expect(() => missing.finish()).toThrow("no label nowhere");
  const twice = assembler();
  twice.label("here");
  expect(() => twice.label("here")).toThrow("stands twice");
});
