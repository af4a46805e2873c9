import { expect, test } from "vitest";
import { assembleText } from "./assemble-text.ts";
import { disassemble } from "./disassemble.ts";
import { encode, type Program } from "./instruction.ts";

function programOf(text: string): Program {
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error(JSON.stringify(result.diagnostics));
  }
  return result.value.program;
}

/** What a person would write; the expected text below is what they should get back. */
const written = `
        ld arch
        jeq AUDIT_ARCH_X86_64, native
        jne AUDIT_ARCH_I386, foreign
        ld nr
.abi i386
        jeq socketcall, no, yes      ; its arguments lie in memory
native: ld nr
        jge 0x40000000, x32
.abi x86_64
        jeq socket, family
        jeq ptrace, no
        jgt 334, new, yes
x32:
.abi x32
        jeq execve, no
foreign: ret KILL_PROCESS
family: ld args[0].lo
        jne 0x26, yes
no:     ret ERRNO(1)
new:    ret ERRNO(38)
yes:    ret ALLOW
`;

test("disassemble names architectures, calls per architecture, fields, actions and errors", () => {
  expect(disassemble(programOf(written))).toBe(
    `\
        ld arch
        jeq AUDIT_ARCH_X86_64, L5
        jne AUDIT_ARCH_I386, L11
        ld nr
.abi i386
        jeq socketcall, L14, L16
L5:     ld nr
        jge 0x40000000, L10               ; x32 read
.abi x86_64
        jeq socket, L12
        jeq ptrace, L14
        jgt 334, L15, L16                 ; rseq
.abi x32
L10:    jeq execve, L14
L11:    ret KILL_PROCESS
L12:    ld args[0].lo                     ; socket family
        jne 0x26, L16
L14:    ret ERRNO(1)                      ; EPERM
L15:    ret ERRNO(38)                     ; ENOSYS
L16:    ret ALLOW
`,
  );
});

test("disassemble gives no names where two architectures come together, unless told whose they are", () => {
  const program = programOf("ld nr\njeq 59, no\nret ALLOW\nno: ret TRAP(2)");
  expect(disassemble(program)).toContain("jeq 59, L3\n");
  expect(disassemble(program, { abi: "x86_64" })).toContain("jeq execve, L3\n");
  expect(disassemble(program, { abi: "aarch64" })).toContain("jeq pipe2, L3\n");
  const joined =
    "ld arch\njeq AUDIT_ARCH_X86_64, both\njne AUDIT_ARCH_I386, no\nboth: ld nr\njeq 59, no\nret ALLOW\nno: ret LOG";
  expect(disassemble(programOf(joined))).toContain("jeq 59, L6\n");
});

test("disassemble prints the halves of arguments in the byte order asked for, and assembleText reads it", () => {
  const text =
    ".endian big\n.abi s390x\nld arch\njne AUDIT_ARCH_S390X, no\nld nr\njne clone, no\nld args[1].lo\nno: ret LOG\n";
  const result = assembleText(text);
  if (!result.ok) {
    throw new Error("must assemble");
  }
  expect(result.value.program[4]).toEqual({ code: 0x20, jt: 0, jf: 0, k: 28 });
  expect(disassemble(result.value.program, { littleEndian: false })).toBe(`\
.endian big
        ld arch
        jne AUDIT_ARCH_S390X, L5
        ld nr
.abi s390x
        jne clone, L5
        ld args[1].lo                     ; clone clone_flags
L5:     ret LOG
`);
  expect([...encode(result.value.program, false).subarray(0, 8)]).toEqual([0, 0x20, 0, 0, 0, 0, 0, 4]);
});

test("disassemble keeps what no mnemonic can say", () => {
  const odd: Program = [
    { code: 0x1234, jt: 1, jf: 2, k: 3 },
    { code: 0x15, jt: 200, jf: 0, k: 5 },
    { code: 0x06, jt: 7, jf: 0, k: 0x7fff0000 },
    { code: 0x05, jt: 0, jf: 0, k: 0xffffffff },
    { code: 0x87, jt: 0, jf: 0, k: 1 },
    { code: 0x20, jt: 0, jf: 0, k: 66 },
  ];
  const text = disassemble(odd);
  expect(text.split("\n").map((line) => line.trim())).toEqual([
    "raw 0x1234, 1, 2, 3",
    "raw 0x15, 200, 0, 5",
    "raw 0x6, 7, 0, 0x7fff0000",
    "raw 0x5, 0, 0, 0xffffffff",
    "raw 0x87, 0, 0, 1",
    "ld [0x42]",
    "",
  ]);
  expect(programOf(text)).toEqual(odd);
});

test("assembleText says what is wrong, where, and what to do", () => {
  const bad = `ld nr
 jeq openat, yes
.abi vax
 jeq 1, nowhere
 ldx nr
twice: ret ALLOW
twice: ret ERRNO(70000)
 ld 5
 and frobnicate
 jmp x
 ja
`;
  const result = assembleText(bad, "f.asm");
  expect(
    result.diagnostics.map(({ code, message, span }) => `${span!.line}:${span!.column} ${code}: ${message}`),
  ).toEqual([
    "2:6 bpf-text-abi: the number of openat depends on the ABI, and none is named",
    '3:6 bpf-text-abi: there is no ABI "vax"',
    '5:6 bpf-text-operand: X cannot load "nr"',
    '7:12 bpf-text-operand: "ERRNO(70000)" is not a return value',
    '8:5 bpf-text-operand: A cannot load "5"',
    '9:6 bpf-text-constant: "frobnicate" is neither a number nor the name of an architecture or a system call',
    '10:2 bpf-text-mnemonic: "jmp" is not an instruction',
    "11:2 bpf-text-operands: ja takes 1 operand, not 0",
  ]);
  const labels = assembleText("a: ret 0\n ja a\n jeq 1, b\na: ret 0\n ja c\nc:\n", "f.asm");
  expect(
    labels.diagnostics.map(({ code, message, span }) => `${span!.line}:${span!.column} ${code}: ${message}`),
  ).toEqual([
    "4:1 bpf-label-twice: label a is defined twice",
    "2:2 bpf-backward: label a is before the jump: a filter only jumps forward",
    "3:2 bpf-no-label: there is no label b",
    "5:2 bpf-label-end: no instruction follows label c",
  ]);
});

test("assembleText gives up on a text that is no listing, in place of telling of each line of it", () => {
  const { ok, diagnostics } = assembleText("lorem ipsum\n".repeat(1000), "f.asm");
  expect([ok, diagnostics.length]).toEqual([false, 20]);
});

test("assembleText reads errors by name, as the ABI numbers them that is spoken of", () => {
  const assembled = assembleText("ret ERRNO(ENOSYS)\n.abi mipsel\nret ERRNO(ENOSYS)\nret ERRNO(EWOULDBLOCK)\n", "f");
  expect(assembled.ok && assembled.value.program.map(({ k }) => k)).toEqual([0x00050026, 0x00050059, 0x0005000b]);
  expect(assembleText("ret ERRNO(EFLY)\n", "f").ok).toBe(false);
  expect(assembleText("ret TRAP(EPERM)\n", "f").ok).toBe(false);
});
