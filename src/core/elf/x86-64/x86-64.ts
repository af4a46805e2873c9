/**
 * x86-64: calls of three ABIs, the result in rax, the status in rdi.
 * Facts: syscall(2), the System V ABI's AMD64 supplement (the stack at the entry); x32 numbers carry bit 30 and enter as
 * native calls do.
 */
import type { Call } from "../../action/action.ts";
import { numberOf, type SyscallName } from "../../kernel/syscalls/syscall.ts";
import { constantOf } from "../argument.ts";
import type { Code, ElfMachine } from "../machine.ts";
import type { Memory } from "../memory.ts";
import { type Assembler, assembler, type Register } from "./assemble.ts";

const NATIVE: readonly Register[] = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];
const I386: readonly Register[] = ["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"];

function emitSyscall(code: Assembler): void {
  code.bytes(0x0f, 0x05);
}

function emitCall(code: Assembler, call: Call, memory: Memory, stored?: ReadonlyMap<number, number>): void {
  const number = numberOf(call.abi, call.name);
  if (number === undefined) throw new RangeError(`${call.abi} has no ${call.name}`);
  const registers = call.abi === "i386" ? I386 : NATIVE;
  const pointer = call.abi === "x86_64" ? 8 : 4;
  for (const [index, argument] of call.arguments.entries()) {
    const register = registers[index];
    if (register === undefined) throw new RangeError(`${call.name}: more than six arguments`);
    const address = stored?.get(index);
    if (address !== undefined) code.loadFrom(register, address);
    else if (argument.kind === "result") code.loadFrom(register, memory.result(argument.of));
    else code.load(register, constantOf(argument, pointer, memory));
  }
  code.load("rax", BigInt(number));
  if (call.abi === "i386") {
    code.bytes(0xcd, 0x80);
    code.signExtend();
  } else emitSyscall(code);
}

function emitExit(code: Assembler): void {
  const endings: readonly SyscallName[] = ["exit_group", "exit"];
  for (const name of endings) {
    code.load("rax", BigInt(numberOf("x86_64", name) ?? 0));
    emitSyscall(code);
  }
  code.bytes(0xf4); // hlt
}

function emitReadArgument(code: Assembler, none: string): void {
  code.load("rdi", 0n);
  code.bytes(0x48, 0x83, 0x3c, 0x24, 2); // cmp qword [rsp], 2
  code.jump("less", none);
  code.bytes(0x48, 0x8b, 0x74, 0x24, 16); // mov rsi, [rsp + 16]
  code.label("digit");
  code.bytes(0x0f, 0xb6, 0x06); // movzx eax, byte [rsi]
  code.compareWith("rax", 0);
  code.jump("equal", "digits read");
  code.bytes(0x6b, 0xff, 10); // imul edi, edi, 10
  code.bytes(0x8d, 0x7c, 0x07, -0x30 & 0xff); // lea edi, [rdi + rax - '0']
  code.bytes(0x48, 0xff, 0xc6); // inc rsi
  code.jump("always", "digit");
  code.label("digits read");
}

function emitFindEnvironment(code: Assembler): void {
  code.bytes(0x48, 0x8b, 0x04, 0x24); // mov rax, [rsp]: the number of arguments
  code.bytes(0x48, 0x8d, 0x44, 0xc4, 16); // lea rax, [rsp + rax*8 + 16]: behind them and their NULL
}

function emitDecodeWaitStatus(code: Assembler, label: string): void {
  code.bytes(0x89, 0xc1, 0x83, 0xe1, 0x7f); // mov ecx, eax; and ecx, 0x7f
  code.bytes(0xc1, 0xe8, 8, 0x0f, 0xb6, 0xc0); // shr eax, 8; movzx eax, al
  code.compareWith("rcx", 0);
  code.jump("equal", label);
  code.bytes(0x48, 0x89, 0xc8, 0x48, 0xf7, 0xd8); // mov rax, rcx; neg rax
  code.label(label);
}

function start(): Code {
  const code = assembler();
  return {
    call: (call, memory, stored) => emitCall(code, call, memory, stored),
    setResult: (value) => code.load("rax", value),
    loadResult: (address) => code.loadFrom("rax", address),
    storeResult: (address) => code.storeTo(address, "rax"),
    jumpIf: (when, value, label) => {
      code.compareWith("rax", value);
      code.jump(when, label);
    },
    setStatus: (value) => code.load("rdi", BigInt(value)),
    jumpIfStatus: (value, label) => {
      code.compareWith("rdi", value);
      code.jump("equal", label);
    },
    exit: () => emitExit(code),
    storeWord: code.storeWord,
    jump: (label) => code.jump("always", label),
    label: code.label,
    readArgument: (none) => emitReadArgument(code, none),
    findEnvironment: () => emitFindEnvironment(code),
    decodeWaitStatus: (label) => emitDecodeWaitStatus(code, label),
    finish: code.finish,
  };
}

/** Programs for x86-64. */
export const x8664: ElfMachine = { abi: "x86_64", elf: 62, page: 4096, code: start };
