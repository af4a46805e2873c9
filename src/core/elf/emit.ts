/** What the compilers of plans and of attacks share: the calls that a program makes for itself, and its records. */
import type { Argument, Call } from "../action/action.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { elfImage } from "./image.ts";
import type { Code, ElfMachine } from "./machine.ts";
import { type Memory, memory } from "./memory.ts";
import { RECORD_SIZE } from "./record.ts";

/** A program in the making. */
export interface Draft {
  readonly machine: ElfMachine;
  readonly code: Code;
  readonly memory: Memory;
}

/** An empty program. */
export function startProgram(machine: ElfMachine): Draft {
  return { machine, code: machine.code(), memory: memory() };
}

/** The file of a finished program. */
export function fileOf({ machine, code, memory: store }: Draft): Uint8Array {
  return elfImage({ code: code.finish(), data: store.data(), room: store.roomSize() }, machine);
}

/** An argument that is a number. */
export function numeric(value: number): Argument {
  return { kind: "number", value: BigInt(value) };
}

/** A call of the machine's own. */
export function native({ machine }: Draft, name: SyscallName, ...args: readonly Argument[]): Call {
  return { abi: machine.abi, name, arguments: args };
}

/** Writes bytes that lie in memory; the result is what write(2) returns. */
export function emitWrite(place: Draft, descriptor: number, address: number, length: number): void {
  const call = native(place, "write", numeric(descriptor), numeric(address), numeric(length));
  place.code.call(call, place.memory);
}

/** Writes a record of the result to standard output; what write(2) returns is the result then. */
export function emitRecord(place: Draft, record: number, kind: number, index: number): void {
  const { code } = place;
  code.storeResult(record + 8);
  code.storeWord(record + 4, kind);
  code.storeWord(record + 6, index);
  emitWrite(place, 1, record, RECORD_SIZE);
}
