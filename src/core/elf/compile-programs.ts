/**
 * Attacks as one static ELF: the first argument, a decimal number, says which program runs. After each step the program
 * writes a record to its standard output and goes on only if the step got through. It makes no call beside its steps but
 * `write` and `exit_group`. Without an argument every program runs in a child of its own, one after the other, and a
 * record says how each ended: faster, where the walls allow `clone` and `wait4`.
 *
 * Exit status: 95 all steps got through (and not 0, which systemd up to 252 also tells of a command that it skips) · 0 every
 * program ran · 1 a step did not (its record says which) · 94 the walls do not let it wait · 96 children cannot be had, or this
 * is PID 1, which its children are not · 97 the identity could not be taken on · 98 no such program · 100 + step: the
 * same as 1 where `write` was refused and there are no records.
 */
import type { Argument, Call } from "../action/action.ts";
import type { ErrnoName } from "../kernel/errno.ts";
import { errnoNumber } from "../kernel/errno.ts";
import { SIGNALS } from "../kernel/signal.ts";
import { type Draft, emitMoment, emitPause, emitRecord, fileOf, native, numeric, startProgram } from "./emit.ts";
import { emitReply } from "./emit-reply.ts";
import type { Code, ElfMachine } from "./machine.ts";
import { emptyRecord, RECORD_KINDS, RECORD_SIZE } from "./record.ts";
import { type AwaitedWord, emitAwaited, emitStores, type StoredWord } from "./shared-words.ts";

/** One step as the compiler needs it. It gets through when the result is at least `atLeast` (0), or exactly `exactly`, or an error of `past`. */
export interface ProgramStep {
  readonly name: string;
  /** Without one, the step only reports 0: for a program whose running is itself the step. */
  readonly call?: Call;
  /** Words that are stored before the call. */
  readonly stores?: readonly StoredWord[];
  /** In place of a call, after the stores: the result is this word, which somebody else writes. */
  readonly awaits?: AwaitedWord;
  /** An error that may pass, since others cause it, and how often the call is made again after a moment. */
  readonly passing?: { readonly errno: ErrnoName; readonly patience: number };
  readonly past?: readonly ErrnoName[];
  readonly atLeast?: number;
  readonly exactly?: number;
  /** The call reads into a named room until one of these stands in it; its number, from 1, is the result (emit-reply.ts). */
  readonly answers?: readonly (readonly number[])[];
  readonly optional?: true;
  /** Of an optional step: the result with which it does not get through. */
  readonly unless?: number;
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
export const PROGRAM_EXIT = {
  done: 0,
  stopped: 1,
  unready: 94,
  through: 95,
  childless: 96,
  identity: 97,
  unknown: 98,
  silent: 100,
} as const;

interface ProgramDraft extends Draft {
  /** Address of the record that is written. */
  readonly record: number;
  /** Address of the word that is 1 once a write was refused. */
  readonly silent: number;
  /** Address of the word that says which program goes on after the waiting, from 1; 0: all of them. */
  readonly chosen: number;
}

/** Writes a record of the result, which is lost. */
function emitTold(place: ProgramDraft, kind: number, index: number, mark: string): void {
  const { code, record, silent } = place;
  emitRecord(place, record, kind, index);
  code.jumpIf("equal", RECORD_SIZE, mark);
  code.storeWord(silent, 1);
  code.label(mark);
}

/** Jumps to `through` when the result counts as success, else to `stopped`. */
function emitJudgement(code: Code, step: ProgramStep, through: string, stopped: string): void {
  if (step.optional) {
    if (step.unless !== undefined) {
      code.jumpIf("equal", step.unless, stopped);
    }
    code.jump(through);
    return;
  }
  if (step.exactly !== undefined) {
    code.jumpIf("equal", step.exactly, through);
  } else {
    code.jumpIf("greater-or-equal", step.atLeast ?? 0, through);
  }
  for (const name of step.past ?? []) {
    code.jumpIf("equal", -(errnoNumber(name) ?? 0), through);
  }
  code.jump(stopped);
}

/** Makes the call, and again after a moment, at most `patience` times in all, while it fails with the error that may pass. */
function emitPatient(place: ProgramDraft, { name, passing }: ProgramStep, call: Call, mark: string): void {
  const { code, memory: store } = place;
  code.label(`${mark} again`);
  code.call(call, store);
  if (passing === undefined) {
    return;
  }
  const errno = -(errnoNumber(passing.errno) ?? 0);
  code.jumpIf("not-equal", errno, `${mark} made`);
  emitPause(place, `${name} pauses`, passing.patience, `${mark} again`, mark);
  code.setResult(BigInt(errno));
  code.label(`${mark} made`);
}

function emitStep(place: ProgramDraft, step: ProgramStep, index: number, mark: string): void {
  const { code, memory: room } = place;
  const result = room.result(step.name);
  emitStores(place, step.stores ?? []);
  if (step.awaits !== undefined) {
    emitAwaited(place, step.name, step.awaits, mark);
  } else if (step.call === undefined) {
    code.setResult(0n);
  } else if (step.answers === undefined) {
    emitPatient(place, step, step.call, mark);
  } else {
    emitReply(place, step.name, step.call, step.answers, mark);
  }
  code.storeResult(result);
  emitTold(place, RECORD_KINDS.step, index, `${mark} written`);
  code.loadResult(result);
  emitJudgement(code, step, `${mark} through`, `${mark} stopped`);
  code.label(`${mark} stopped`);
  code.setStatus(PROGRAM_EXIT.silent + Math.min(index, 99));
  code.jump("stopped");
  code.label(`${mark} through`);
}

/** Says that the program begins. It comes after the change of identity, so that a death in that is told from one in a step. */
function emitBegin(place: ProgramDraft, number: number, mark: string): void {
  place.code.setResult(0n);
  emitTold(place, RECORD_KINDS.program, number, mark);
}

function emitIdentity(place: ProgramDraft, changes: ProbeProgram["identity"], number: number): void {
  const { code } = place;
  const mark = `program ${number}`;
  const said = place.memory.result(" identity");
  for (const [index, alternatives] of changes.entries()) {
    for (const call of alternatives) {
      code.call(call, place.memory);
      code.jumpIf("equal", 0, `${mark} identity ${index}`);
    }
    code.storeResult(said);
    emitBegin(place, number, `${mark} begun without ${index}`);
    code.loadResult(said);
    emitTold(place, RECORD_KINDS.identity, index, `${mark} refused ${index}`);
    code.setStatus(PROGRAM_EXIT.identity);
    code.jump("exit");
    code.label(`${mark} identity ${index}`);
  }
}

function emitProgram(place: ProgramDraft, program: ProbeProgram, number: number): void {
  const { code } = place;
  place.memory.restart();
  code.label(`program ${number}`);
  emitIdentity(place, program.identity, number);
  if (program.first === undefined) {
    emitBegin(place, number, `program ${number} begun`);
  }
  for (const [index, step] of program.steps.entries()) {
    emitStep(place, step, (program.first ?? 0) + index, `program ${number} step ${index}`);
  }
  code.setStatus(PROGRAM_EXIT.through);
  code.jump("exit");
}

/**
 * Says that all stands, and waits until there is a byte in the file that is its standard input. That file was opened before any
 * wall stood; where the walls refuse to read it, or to say so, nothing more is tried. Then goes on with the chosen program, or with all.
 */
function emitWait(place: ProgramDraft, late: readonly number[]): void {
  const { code, memory: store } = place;
  const byte: Argument = { kind: "room", size: 1 };
  code.label("wait");
  code.setResult(0n);
  emitRecord(place, place.record, RECORD_KINDS.waiting, 0);
  code.jumpIf("not-equal", RECORD_SIZE, "unready");
  code.label("waiting");
  code.call(native(place, "read", numeric(0), byte, numeric(1)), store);
  code.jumpIf("equal", 1, "ready");
  code.jumpIf("equal", 0, "pause");
  code.label("unready");
  code.setStatus(PROGRAM_EXIT.unready);
  code.jump("exit");
  code.label("pause");
  emitMoment(place);
  code.jump("waiting");
  code.label("ready");
  code.loadResult(place.chosen);
  code.jumpIf("equal", 0, "all ready");
  for (const number of late) {
    code.jumpIf("equal", number + 1, `program ${number}`);
  }
}

/** Goes to the program whose number the first argument says, by way of the waiting if it is to wait, or to `all` without one. */
function emitSelection({ code, chosen }: ProgramDraft, programs: number, late: readonly number[]): void {
  code.readArgument("all");
  for (let number = 0; number < programs; number += 1) {
    code.jumpIfStatus(number, late.includes(number) ? `late ${number}` : `program ${number}`);
  }
  code.setStatus(PROGRAM_EXIT.unknown);
  code.jump("exit");
  for (const number of late) {
    code.label(`late ${number}`);
    code.storeWord(chosen, number + 1);
    code.jump("wait");
  }
}

/** Runs each program in a child and records its wait status; before the first late one it waits. */
function emitAll(place: ProgramDraft, programs: number, [firstLate]: readonly number[]): void {
  const { code, memory: store } = place;
  const [child, status] = [place.silent + 8, place.silent + 16];
  code.label("all");
  code.call(native(place, "getpid"), store);
  code.jumpIf("equal", 1, "childless");
  for (let number = 0; number < programs; number += 1) {
    if (number === firstLate) {
      code.jump("wait");
      code.label("all ready");
    }
    code.call(native(place, "clone", ...[SIGNALS.SIGCHLD, 0, 0, 0, 0].map(numeric)), store);
    code.jumpIf("equal", 0, `program ${number}`);
    code.jumpIf("less", 0, "childless");
    code.storeResult(child);
    const wait = native(place, "wait4", ...[0, status, 0, 0].map(numeric));
    code.call(wait, store, new Map([[0, child]]));
    code.jumpIf("less", 0, "childless");
    code.loadResult(status);
    emitTold(place, RECORD_KINDS.ended, number, `program ${number} told`);
  }
  code.setStatus(PROGRAM_EXIT.done);
  code.jump("exit");
  code.label("childless");
  code.setStatus(PROGRAM_EXIT.childless);
  code.jump("exit");
}

/**
 * Compiles programs into one file; `waitsAt`: from this program on none begins before there is a byte in standard input (ignored
 * for a program with `first`, which goes on at once). Throws a RangeError for a call that its ABI does not have.
 *
 * @example
 * import { compilePrograms, x8664 } from "cloison";
 * import assert from "node:assert";
 * const call = { abi: "x86_64", name: "getpid", arguments: [] };
 * const file = compilePrograms([{ identity: [], steps: [{ name: "getpid", call }] }], x8664);
 * assert.deepEqual([...file.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
 */
export function compilePrograms(
  programs: readonly ProbeProgram[],
  machine: ElfMachine,
  { waitsAt = programs.length }: { readonly waitsAt?: number } = {},
): Uint8Array {
  const started = startProgram(machine);
  const { code, memory: store } = started;
  // Record, flag, child, status and choice are data, so that no program uses their place: restart() forgets rooms only.
  const record = store.bytes([...emptyRecord(), ...new Array<number>(32).fill(0)]);
  const silent = record + RECORD_SIZE;
  const place: ProgramDraft = { ...started, record, silent, chosen: silent + 24 };
  // A program that goes on where another ended is alone in its file.
  if (programs[0]?.first === undefined) {
    const late = [...programs.keys()].slice(waitsAt);
    emitSelection(place, programs.length, late);
    emitAll(place, programs.length, late);
    if (late.length > 0) {
      emitWait(place, late);
    }
  }
  for (const [number, program] of programs.entries()) {
    emitProgram(place, program, number);
  }
  code.label("stopped");
  code.loadResult(place.silent);
  code.jumpIf("not-equal", 0, "exit");
  code.setStatus(PROGRAM_EXIT.stopped);
  code.label("exit");
  code.exit();
  return fileOf(place);
}
