/**
 * Attacks as one static ELF: the first argument, a decimal number, says which program runs. After each step the program
 * writes a record to its standard output and goes on only if the step got through. It makes no call beside its steps but
 * `write` and `exit_group`. Without an argument every program runs in a child of its own, one after the other, and a
 * record says how each ended: faster, where the walls allow `clone` and `wait4`.
 *
 * Exit status: 0 all steps got through · 1 a step did not (its record says which) · 96 children cannot be had, or this
 * is PID 1, which its children are not · 97 the identity could not be taken on · 98 no such program · 100 + step: the
 * same as 1 where `write` was refused and there are no records.
 */
import type { Call } from "../action/action.ts";
import type { ErrnoName } from "../kernel/errno.ts";
import { errnoNumber } from "../kernel/errno.ts";
import { SIGNALS } from "../kernel/signal.ts";
import type { SyscallName } from "../kernel/syscalls/syscall.ts";
import { type Assembler, assembler } from "./assemble.ts";
import { emitCall, emitExit, emitNative } from "./emit-call.ts";
import { elfImage } from "./image.ts";
import { type Memory, memory } from "./memory.ts";
import { emptyRecord, RECORD_KINDS, RECORD_SIZE } from "./record.ts";

/** One step as the compiler needs it. It gets through when the result is at least `atLeast` (0), or exactly `exactly`, or an error of `past`. */
export interface ProgramStep {
  readonly name: string;
  /** Without one, the step only reports 0: for a program whose running is itself the step. */
  readonly call?: Call;
  readonly past?: readonly ErrnoName[];
  readonly atLeast?: number;
  readonly exactly?: number;
  readonly optional?: true;
}

/** One program of an image. */
export interface ProbeProgram {
  /** Calls that take on another identity first; of each group of alternatives one must return 0. */
  readonly identity: readonly (readonly Call[])[];
  readonly steps: readonly ProgramStep[];
  /** Number of the first step, for a program that goes on where another one ended. */
  readonly first?: number;
}

/** Exit statuses of a compiled program. */
export const PROGRAM_EXIT = { through: 0, stopped: 1, childless: 96, identity: 97, unknown: 98, silent: 100 } as const;

interface Place {
  readonly code: Assembler;
  readonly memory: Memory;
  /** Address of the record that is written. */
  readonly record: number;
  /** Address of the word that is 1 once a write was refused. */
  readonly silent: number;
}

/** Writes a record of what is in rax, which is lost. */
function emitRecord({ code, record, silent }: Place, kind: number, index: number, mark: string): void {
  code.storeTo(record + 8, "rax");
  code.storeWord(record + 4, kind);
  code.storeWord(record + 6, index);
  emitNative(code, "write", [1n, BigInt(record), BigInt(RECORD_SIZE)]);
  code.compareWith("rax", RECORD_SIZE);
  code.jump("equal", mark);
  code.storeWord(silent, 1);
  code.label(mark);
}

/** Jumps to `through` when the result in rax counts as success, else to `stopped`. */
function emitJudgement(code: Assembler, step: ProgramStep, through: string, stopped: string): void {
  if (step.optional) {
    code.jump("always", through);
    return;
  }
  if (step.exactly !== undefined) {
    code.load("rcx", BigInt(step.exactly));
    code.compare("rax", "rcx");
    code.jump("equal", through);
  } else {
    code.compareWith("rax", step.atLeast ?? 0);
    code.jump("greater-or-equal", through);
  }
  for (const name of step.past ?? []) {
    code.compareWith("rax", -(errnoNumber(name) ?? 0));
    code.jump("equal", through);
  }
  code.jump("always", stopped);
}

function emitStep(place: Place, step: ProgramStep, index: number, mark: string): void {
  const { code, memory: room } = place;
  const result = room.result(step.name);
  if (step.call === undefined) code.load("rax", 0n);
  else emitCall(code, room, step.call);
  code.storeTo(result, "rax");
  emitRecord(place, RECORD_KINDS.step, index, `${mark} written`);
  code.loadFrom("rax", result);
  emitJudgement(code, step, `${mark} through`, `${mark} stopped`);
  code.label(`${mark} stopped`);
  code.load("rdi", BigInt(PROGRAM_EXIT.silent + Math.min(index, 99)));
  code.jump("always", "stopped");
  code.label(`${mark} through`);
}

/** Says that the program begins. It comes after the change of identity, so that a death in that is told from one in a step. */
function emitBegin(place: Place, number: number, mark: string): void {
  place.code.load("rax", 0n);
  emitRecord(place, RECORD_KINDS.program, number, mark);
}

function emitIdentity(place: Place, changes: ProbeProgram["identity"], number: number): void {
  const { code } = place;
  const mark = `program ${number}`;
  const said = place.memory.result(" identity");
  for (const [index, alternatives] of changes.entries()) {
    for (const call of alternatives) {
      emitCall(code, place.memory, call);
      code.compareWith("rax", 0);
      code.jump("equal", `${mark} identity ${index}`);
    }
    code.storeTo(said, "rax");
    emitBegin(place, number, `${mark} begun without ${index}`);
    code.loadFrom("rax", said);
    emitRecord(place, RECORD_KINDS.identity, index, `${mark} refused ${index}`);
    code.load("rdi", BigInt(PROGRAM_EXIT.identity));
    code.jump("always", "exit");
    code.label(`${mark} identity ${index}`);
  }
}

function emitProgram(place: Place, program: ProbeProgram, number: number): void {
  const { code } = place;
  place.memory.restart();
  code.label(`program ${number}`);
  emitIdentity(place, program.identity, number);
  if (program.first === undefined) emitBegin(place, number, `program ${number} begun`);
  for (const [index, step] of program.steps.entries()) {
    emitStep(place, step, (program.first ?? 0) + index, `program ${number} step ${index}`);
  }
  code.load("rdi", BigInt(PROGRAM_EXIT.through));
  code.jump("always", "exit");
}

/** rdi gets the decimal number in the first argument, 0 without one. */
function emitSelection(code: Assembler, programs: number): void {
  code.load("rdi", 0n);
  code.bytes(0x48, 0x83, 0x3c, 0x24, 2); // cmp qword [rsp], 2
  code.jump("less", "all");
  code.bytes(0x48, 0x8b, 0x74, 0x24, 16); // mov rsi, [rsp + 16]
  code.label("digit");
  code.bytes(0x0f, 0xb6, 0x06); // movzx eax, byte [rsi]
  code.compareWith("rax", 0);
  code.jump("equal", "select");
  code.bytes(0x6b, 0xff, 10); // imul edi, edi, 10
  code.bytes(0x8d, 0x7c, 0x07, -0x30 & 0xff); // lea edi, [rdi + rax - '0']
  code.bytes(0x48, 0xff, 0xc6); // inc rsi
  code.jump("always", "digit");
  code.label("select");
  for (let number = 0; number < programs; number += 1) {
    code.compareWith("rdi", number);
    code.jump("equal", `program ${number}`);
  }
  code.load("rdi", BigInt(PROGRAM_EXIT.unknown));
  code.jump("always", "exit");
}

function native(name: SyscallName, ...args: readonly number[]): Call {
  return { abi: "x86_64", name, arguments: args.map((value) => ({ kind: "number", value: BigInt(value) })) };
}

/** Runs each program in a child and records its wait status. */
function emitAll(place: Place, programs: number): void {
  const { code, memory: store } = place;
  const [child, status] = [place.silent + 8, place.silent + 16];
  code.label("all");
  emitCall(code, store, native("getpid"));
  code.compareWith("rax", 1);
  code.jump("equal", "childless");
  for (let number = 0; number < programs; number += 1) {
    emitCall(code, store, native("clone", SIGNALS.SIGCHLD, 0, 0, 0, 0));
    code.compareWith("rax", 0);
    code.jump("equal", `program ${number}`);
    code.jump("less", "childless");
    code.storeTo(child, "rax");
    emitCall(code, store, native("wait4", 0, status, 0, 0), new Map([[0, child]]));
    code.compareWith("rax", 0);
    code.jump("less", "childless");
    code.loadFrom("rax", status);
    emitRecord(place, RECORD_KINDS.ended, number, `program ${number} told`);
  }
  code.load("rdi", BigInt(PROGRAM_EXIT.through));
  code.jump("always", "exit");
  code.label("childless");
  code.load("rdi", BigInt(PROGRAM_EXIT.childless));
  code.jump("always", "exit");
}

/**
 * Compiles programs into one file. Throws a RangeError for a call that its ABI does not have.
 *
 * @example
 * import { compilePrograms } from "cloison";
 * import assert from "node:assert";
 * const call = { abi: "x86_64", name: "getpid", arguments: [] };
 * const file = compilePrograms([{ identity: [], steps: [{ name: "getpid", call }] }]);
 * assert.deepEqual([...file.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
 */
export function compilePrograms(programs: readonly ProbeProgram[]): Uint8Array {
  const code = assembler();
  const store = memory();
  // Record, flag, child and status are data, so that no program uses their place: restart() forgets rooms only.
  const record = store.bytes([...emptyRecord(), ...new Array<number>(32).fill(0)]);
  const place: Place = { code, memory: store, record, silent: record + RECORD_SIZE };
  // A program that goes on where another ended is alone in its file.
  if (programs[0]?.first === undefined) {
    emitSelection(code, programs.length);
    emitAll(place, programs.length);
  }
  for (const [number, program] of programs.entries()) emitProgram(place, program, number);
  code.label("stopped");
  code.loadFrom("rax", place.silent);
  code.compareWith("rax", 0);
  code.jump("not-equal", "exit");
  code.load("rdi", BigInt(PROGRAM_EXIT.stopped));
  code.label("exit");
  emitExit(code);
  return elfImage({ code: code.finish(), data: store.data(), room: store.roomSize() });
}
