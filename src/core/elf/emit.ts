/** What the compilers of plans and of attacks share: the calls that a program makes for itself, and its records. */
import type { Argument, Call } from "../action/action.ts";
import { littleEndian } from "../kernel/bytes.ts";
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

const PAUSE_NANOSECONDS = 10_000_000;

/** A moment of ten milliseconds. nanosleep is among the calls that systemd adds to every allow list. */
export function emitMoment(place: Draft): void {
  const moment: Argument = { kind: "bytes", bytes: [...littleEndian(0, 8), ...littleEndian(PAUSE_NANOSECONDS, 8)] };
  place.code.call(native(place, "nanosleep", moment, numeric(0)), place.memory);
}

/**
 * Waits a moment and jumps to `again`; after so many of them, which the result `counter` counts, it goes on. The result is lost.
 * `mark`: a name that no other code uses.
 */
export function emitPause(place: Draft, counter: string, most: number, again: string, mark: string): void {
  const { code, memory: store } = place;
  const pauses = store.result(counter);
  code.setResult(1n);
  code.addResult(pauses);
  code.loadResult(pauses);
  code.jumpIf("greater-or-equal", most, `${mark} impatient`);
  emitMoment(place);
  code.jump(again);
  code.label(`${mark} impatient`);
}

/** Writes a record of the result to standard output; what write(2) returns is the result then. */
export function emitRecord(place: Draft, record: number, kind: number, index: number): void {
  const { code } = place;
  code.storeResult(record + 8);
  code.storeWord(record + 4, kind);
  code.storeWord(record + 6, index);
  emitWrite(place, 1, record, RECORD_SIZE);
}
