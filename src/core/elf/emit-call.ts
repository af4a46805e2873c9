/**
 * One system call as machine code: arguments into registers, the entry of its ABI, the result in rax.
 * Conventions: syscall(2); x32 numbers carry bit 30 and enter as native calls do.
 */
import type { Argument, Call } from "../action/action.ts";
import { numberOf } from "../kernel/syscalls/syscall.ts";
import type { Abi } from "../kernel/syscalls/table.ts";
import type { Assembler, Register } from "./assemble.ts";
import { littleEndian } from "./bytes.ts";
import type { Memory } from "./memory.ts";

const NATIVE: readonly Register[] = ["rdi", "rsi", "rdx", "r10", "r8", "r9"];
const I386: readonly Register[] = ["rbx", "rcx", "rdx", "rsi", "rdi", "rbp"];

/** The name under which the environment of the process is kept as a result. */
export const ENVIRONMENT = " environment";

/** What an argument is before the program runs; a result is known only then. */
function constantOf(argument: Argument, abi: Abi, memory: Memory): bigint {
  switch (argument.kind) {
    case "number":
      return BigInt.asUintN(64, argument.value);
    case "text":
      return BigInt(memory.text(argument.text));
    case "bytes":
      return BigInt(memory.bytes(argument.bytes));
    case "room":
      return BigInt(memory.room(argument.size, argument.name));
    case "pointers": {
      const size = abi === "x86_64" ? 8 : 4;
      const words = argument.to.map((element) => constantOf(element, abi, memory));
      return BigInt(memory.bytes(words.flatMap((word) => littleEndian(word, size))));
    }
    case "result":
      throw new RangeError(`the result of ${argument.of} cannot stand inside an array of pointers`);
    case "unknown":
      return 0n;
  }
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
  if (number === undefined) throw new RangeError(`${call.abi} has no ${call.name}`);
  const registers = call.abi === "i386" ? I386 : NATIVE;
  for (const [index, argument] of call.arguments.entries()) {
    const register = registers[index];
    if (register === undefined) throw new RangeError(`${call.name}: more than six arguments`);
    const address = stored.get(index);
    if (address !== undefined) code.loadFrom(register, address);
    else if (argument.kind === "result") code.loadFrom(register, memory.result(argument.of));
    else code.load(register, constantOf(argument, call.abi, memory));
  }
  code.load("rax", BigInt(number));
  if (call.abi === "i386") {
    code.bytes(0xcd, 0x80);
    code.signExtend();
  } else {
    code.bytes(0x0f, 0x05);
  }
}

/** Emits a native call by number, for what a program does beside its plan: reporting, ending. */
export function emitNative(code: Assembler, name: "write" | "exit" | "exit_group", args: readonly bigint[]): void {
  for (const [index, value] of args.entries()) {
    const register = NATIVE[index];
    if (register !== undefined) code.load(register, value);
  }
  code.load("rax", BigInt(numberOf("x86_64", name) ?? 0));
  code.bytes(0x0f, 0x05);
}

/** Ends the process with the status in rdi; where a filter refuses both calls, by a fault. */
export function emitExit(code: Assembler): void {
  code.load("rax", BigInt(numberOf("x86_64", "exit_group") ?? 0));
  code.bytes(0x0f, 0x05);
  code.load("rax", BigInt(numberOf("x86_64", "exit") ?? 0));
  code.bytes(0x0f, 0x05, 0xf4);
}
