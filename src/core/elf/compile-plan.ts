/**
 * A plan as a static ELF: its operations one after the other, stopping at the first that fails. The program says on
 * standard error which one it was, and its exit status is 100 + the number of that step (from 1, at most 99).
 * Operations with `onError: "record"` go on and write a record (core/elf/record.ts) to standard output instead.
 */

import { utf8 } from "../kernel/bytes.ts";
import { CLONE_FLAGS } from "../kernel/clone-flags.ts";
import { SIGNALS } from "../kernel/signal.ts";
import type { Operation, Plan } from "../plan/operation.ts";
import { type Draft, emitRecord, emitWrite, fileOf, native, numeric, startProgram } from "./emit.ts";
import type { ElfMachine } from "./machine.ts";
import { emptyRecord, RECORD_KINDS } from "./record.ts";

/** Added to the number of the failing step to make the exit status. */
export const PLAN_FAILED = 100;

/** The name under which the environment of the process is kept as a result. */
export const ENVIRONMENT = " environment";

interface PlanDraft extends Draft {
  /** Address of the record that is written. */
  readonly record: number;
  /** Numbers the operations of the whole plan, children included, in the order in which they are printed. */
  readonly next: () => number;
}

function emitFailure(place: PlanDraft, number: number, name: string): void {
  const text = utf8(`step ${number} (${name}) failed\n`);
  emitWrite(place, 2, place.memory.bytes(text), text.length);
  place.code.setStatus(PLAN_FAILED + Math.min(number, 99));
  place.code.jump("exit");
}

/** What follows an operation. */
function emitResult(place: PlanDraft, operation: Operation, number: number): void {
  const { code, record } = place;
  code.storeResult(place.memory.result(operation.name));
  const done = `step ${number} done`;
  if (operation.onError === "record") {
    emitRecord(place, record, RECORD_KINDS.step, number);
  } else {
    code.jumpIf(operation.kind === "child" ? "equal" : "greater-or-equal", 0, done);
    emitFailure(place, number, operation.name);
  }
  code.label(done);
}

function emitWait(place: PlanDraft, process: string, status: number): void {
  const child = { kind: "result", of: process } as const;
  place.code.call(native(place, "wait4", child, numeric(status), numeric(0), numeric(0)), place.memory);
}

function emitClone(place: PlanDraft, flags: number, process: string, mark: string): void {
  const { code, memory } = place;
  code.call(native(place, "clone", ...[flags + SIGNALS.SIGCHLD, 0, 0, 0, 0].map(numeric)), memory);
  // The two sides of a vfork share memory: only the parent may store the number of the child.
  code.jumpIf("equal", 0, `${mark} child`);
  code.storeResult(memory.result(process));
  code.jumpIf("less", 0, `${mark} joined`);
  code.jump(`${mark} parent`);
  code.label(`${mark} child`);
}

function emitSpawn(place: PlanDraft, operation: Extract<Operation, { kind: "spawn" }>, number: number): void {
  const { code, memory: store } = place;
  const mark = `step ${number}`;
  const [process, failure] = [`${mark} process`, `${mark} failure`];
  emitClone(place, CLONE_FLAGS.CLONE_VM + CLONE_FLAGS.CLONE_VFORK, process, mark);
  const path = { kind: "text", text: operation.path } as const;
  const argv = [...operation.argv.map((text) => ({ kind: "text", text }) as const), numeric(0)];
  const environment = { kind: "result", of: ENVIRONMENT } as const;
  code.call(native(place, "execve", path, { kind: "pointers", to: argv }, environment), store);
  code.storeResult(store.result(failure));
  code.setStatus(127);
  code.exit();
  code.label(`${mark} parent`);
  emitWait(place, process, store.room(16, `${mark} status`));
  code.loadResult(store.result(failure));
  code.label(`${mark} joined`);
  emitResult(place, operation, number);
}

function emitChild(place: PlanDraft, operation: Extract<Operation, { kind: "child" }>, number: number): void {
  const { code, memory: store } = place;
  const mark = `step ${number}`;
  const process = `${mark} process`;
  const status = store.room(16, `${mark} status`);
  emitClone(place, 0, process, mark);
  emitOperations(place, operation.operations);
  code.setStatus(0);
  code.exit();
  code.label(`${mark} parent`);
  emitWait(place, process, status);
  code.loadResult(status);
  code.decodeWaitStatus(`${mark} joined`);
  emitResult(place, operation, number);
}

function emitOperation(place: PlanDraft, operation: Operation): void {
  const number = place.next();
  switch (operation.kind) {
    case "call":
      place.code.call(operation.call, place.memory);
      emitResult(place, operation, number);
      break;
    case "spawn":
      emitSpawn(place, operation, number);
      break;
    case "child":
      emitChild(place, operation, number);
      break;
  }
}

function emitOperations(place: PlanDraft, operations: readonly Operation[]): void {
  for (const operation of operations) {
    emitOperation(place, operation);
  }
}

/**
 * Compiles a plan. Throws a RangeError for a call that its ABI does not have.
 *
 * @example
 * import { compilePlan, x8664 } from "cloison";
 * import assert from "node:assert";
 * const call = { abi: "x86_64", name: "getpid", arguments: [] };
 * const file = compilePlan({ operations: [{ kind: "call", name: "getpid", call, onError: "stop" }] }, x8664);
 * assert.deepEqual([...file.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
 */
export function compilePlan(plan: Plan, machine: ElfMachine): Uint8Array {
  const program = startProgram(machine);
  const { code, memory: store } = program;
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };
  const place: PlanDraft = { ...program, record: store.bytes(emptyRecord()), next };
  code.findEnvironment();
  code.storeResult(store.result(ENVIRONMENT));
  emitOperations(place, plan.operations);
  code.setStatus(0);
  code.label("exit");
  code.exit();
  return fileOf(place);
}
