/**
 * One system call as machine code: arguments into registers, the entry of its ABI, the result in rax.
 * Conventions: syscall(2); x32 numbers carry bit 30 and enter as native calls do.
 */
import type { Call } from "../../action/action.ts";
import { numberOf, type SyscallName } from "../../kernel/syscalls/syscall.ts";
import { constantOf } from "../argument.ts";
import type { Memory } from "../memory.ts";
import type { Assembler, Register } from "./assemble.ts";

const NATIVE: readonly Register[] = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];
const I386: readonly Register[] = ["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"];

function emitSyscall(code: Assembler): void {
  code.bytes(0x0f, 0x05);
}

/**
 * Emits a call. Throws a RangeError for a call that its ABI does not have. `stored`: arguments, by their place, that are
 * read from an address at run time.
 */
export function emitCall(
  code: Assembler,
  memory: Memory,
  call: Call,
  stored: ReadonlyMap<number, number> = new Map(),
): void {
  const number = numberOf(call.abi, call.name);
  if (number === undefined) {
    throw new RangeError(`${call.abi} has no ${call.name}`);
  }
  const registers = call.abi === "i386" ? I386 : NATIVE;
  const pointer = call.abi === "x86_64" ? 8 : 4;
  for (const [index, argument] of call.arguments.entries()) {
    const register = registers[index];
    if (register === undefined) {
      throw new RangeError(`${call.name}: more than six arguments`);
    }
    const address = stored.get(index);
    if (address !== undefined) {
      code.loadFrom(register, address);
    } else if (argument.kind === "result") {
      code.loadFrom(register, memory.result(argument.of));
    } else {
      code.load(register, constantOf(argument, pointer, memory));
    }
  }
  code.load("rax", BigInt(number));
  if (call.abi === "i386") {
    code.bytes(0xcd, 0x80);
    code.signExtend();
  } else {
    emitSyscall(code);
  }
}

/** Ends the process with the status in rdi; where a filter refuses both calls, by a fault. */
export function emitExit(code: Assembler): void {
  const endings: readonly SyscallName[] = ["exit_group", "exit"];
  for (const name of endings) {
    code.load("rax", BigInt(numberOf("x86_64", name) ?? 0));
    emitSyscall(code);
  }
  code.bytes(0xf4); // hlt
}
