/**
 * x86-64: the result in rax, the status in rdi.
 * Facts: the stack at the entry, System V ABI, AMD64 supplement; a wait status, wait(2).
 */
import { littleEndian } from "../../kernel/bytes.ts";
import type { Code, ElfMachine } from "../machine.ts";
import { type Assembler, assembler } from "./assemble.ts";
import { emitCall, emitExit } from "./emit-call.ts";

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

function emitFindArguments(code: Assembler): void {
  code.bytes(0x48, 0x8d, 0x44, 0x24, 8); // lea rax, [rsp + 8]: behind their number
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

function emitFind(code: Assembler, within: number, bytes: Parameters<Code["find"]>[1], label: string): void {
  code.bytes(0x48, 0x8d, 0x90, ...littleEndian(within - bytes.length, 4)); // lea rdx, [rax + within - length]: the last place
  code.load("rax", BigInt(within));
  code.label(`${label} place`);
  code.compare("rdx", "rax");
  code.jump("less", `${label} missing`);
  code.bytes(0x48, 0x89, 0xc6); // mov rsi, rax
  code.load("rdi", BigInt(bytes.address));
  code.load("rcx", BigInt(bytes.length));
  code.bytes(0xf3, 0xa6); // repe cmpsb
  code.jump("equal", `${label} found`);
  code.bytes(0x48, 0xff, 0xc0); // inc rax
  code.jump("always", `${label} place`);
  code.label(`${label} missing`);
  code.load("rax", 0n);
  code.jump("always", `${label} searched`);
  code.label(`${label} found`);
  code.load("rax", 1n);
  code.label(`${label} searched`);
}

function start(): Code {
  const code = assembler();
  return {
    call: (call, memory, stored) => emitCall(code, memory, call, stored),
    setResult: (value) => code.load("rax", value),
    loadResult: (address) => code.loadFrom("rax", address),
    storeResult: (address) => code.storeTo(address, "rax"),
    addResult: (address) => code.addTo(address, "rax"),
    subtractResult: (address) => code.subtractFrom(address, "rax"),
    follow: () => code.bytes(0x48, 0x8b, 0x00), // mov rax, [rax]
    addWord: (address) => {
      code.loadHalfFrom("rcx", address);
      code.add("rax", "rcx");
    },
    followWord: (offset) => code.loadSignedBehind(offset),
    copyTo: (offset, from, size) => {
      code.loadFrom("rcx", from);
      code.storeBehind(offset, "rcx", size);
    },
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
    find: (within, bytes, label) => emitFind(code, within, bytes, label),
    jump: (label) => code.jump("always", label),
    label: code.label,
    readArgument: (none) => emitReadArgument(code, none),
    findArguments: () => emitFindArguments(code),
    findEnvironment: () => emitFindEnvironment(code),
    decodeWaitStatus: (label) => emitDecodeWaitStatus(code, label),
    finish: code.finish,
  };
}

/** Programs for x86-64. */
export const x8664: ElfMachine = { abi: "x86_64", elf: 62, page: 4096, code: start };
