/**
 * A plan as a static ELF: its operations one after the other, stopping at the first that fails. The program says on
 * standard error which one it was, and its exit status is 100 + the number of that step (from 1, at most 99).
 * Operations with `onError: "record"` go on and write a record (core/elf/record.ts) to standard output instead.
 */
import type { Call } from "../action/action.ts";
import { CLONE_FLAGS } from "../kernel/clone-flags.ts";
import { SIGNALS } from "../kernel/signal.ts";
import type { Operation, Plan } from "../plan/operation.ts";
import { type Assembler, assembler } from "./assemble.ts";
import { utf8 } from "./bytes.ts";
import { ENVIRONMENT, emitCall, emitExit, emitNative } from "./emit-call.ts";
import { elfImage } from "./image.ts";
import { type Memory, memory } from "./memory.ts";
import { emptyRecord, RECORD_KINDS, RECORD_SIZE } from "./record.ts";

/** Added to the number of the failing step to make the exit status. */
export const PLAN_FAILED = 100;

interface Place {
  readonly code: Assembler;
  readonly memory: Memory;
  readonly record: number;
  /** Numbers the operations of the whole plan, children included, in the order in which they are printed. */
  readonly next: () => number;
}

function emitFailure({ code, memory: store }: Place, number: number, name: string): void {
  const text = utf8(`step ${number} (${name}) failed\n`);
  emitNative(code, "write", [2n, BigInt(store.bytes(text)), BigInt(text.length)]);
  code.load("rdi", BigInt(PLAN_FAILED + Math.min(number, 99)));
  code.jump("always", "exit");
}

/** What follows an operation whose result is in rax. */
function emitResult(place: Place, operation: Operation, number: number): void {
  const { code, record } = place;
  code.storeTo(place.memory.result(operation.name), "rax");
  const done = `step ${number} done`;
  if (operation.onError === "record") {
    code.storeTo(record + 8, "rax");
    code.storeWord(record + 4, RECORD_KINDS.step);
    code.storeWord(record + 6, number);
    emitNative(code, "write", [1n, BigInt(record), BigInt(RECORD_SIZE)]);
  } else {
    code.compareWith("rax", 0);
    code.jump(operation.kind === "child" ? "equal" : "greater-or-equal", done);
    emitFailure(place, number, operation.name);
  }
  code.label(done);
}

function emitWait(place: Place, process: string, status: number): void {
  const arguments_ = [
    { kind: "result", of: process },
    { kind: "number", value: BigInt(status) },
    { kind: "number", value: 0n },
    { kind: "number", value: 0n },
  ] as const;
  emitCall(place.code, place.memory, { abi: "x86_64", name: "wait4", arguments: arguments_ });
}

function emitClone(place: Place, flags: number, process: string, mark: string): void {
  const call: Call = {
    abi: "x86_64",
    name: "clone",
    arguments: [flags + SIGNALS.SIGCHLD, 0, 0, 0, 0].map((value) => ({ kind: "number", value: BigInt(value) })),
  };
  emitCall(place.code, place.memory, call);
  // The two sides of a vfork share memory: only the parent may store the number of the child.
  place.code.compareWith("rax", 0);
  place.code.jump("equal", `${mark} child`);
  place.code.storeTo(place.memory.result(process), "rax");
  place.code.jump("less", `${mark} joined`);
  place.code.jump("always", `${mark} parent`);
  place.code.label(`${mark} child`);
}

function emitSpawn(place: Place, operation: Extract<Operation, { kind: "spawn" }>, number: number): void {
  const { code, memory: store } = place;
  const mark = `step ${number}`;
  const [process, failure] = [`${mark} process`, `${mark} failure`];
  emitClone(place, CLONE_FLAGS.CLONE_VM + CLONE_FLAGS.CLONE_VFORK, process, mark);
  const argv = [
    ...operation.argv.map((text) => ({ kind: "text", text }) as const),
    { kind: "number", value: 0n } as const,
  ];
  emitCall(code, store, {
    abi: "x86_64",
    name: "execve",
    arguments: [
      { kind: "text", text: operation.path },
      { kind: "pointers", to: argv },
      { kind: "result", of: ENVIRONMENT },
    ],
  });
  code.storeTo(store.result(failure), "rax");
  code.load("rdi", 127n);
  emitExit(code);
  code.label(`${mark} parent`);
  emitWait(place, process, store.room(16, `${mark} status`));
  code.loadFrom("rax", store.result(failure));
  code.label(`${mark} joined`);
  emitResult(place, operation, number);
}

function emitChild(place: Place, operation: Extract<Operation, { kind: "child" }>, number: number): void {
  const { code, memory: store } = place;
  const mark = `step ${number}`;
  const process = `${mark} process`;
  const status = store.room(16, `${mark} status`);
  emitClone(place, 0, process, mark);
  emitOperations(place, operation.operations);
  code.load("rdi", 0n);
  emitExit(code);
  code.label(`${mark} parent`);
  emitWait(place, process, status);
  code.loadFrom("rax", status);
  code.bytes(0x89, 0xc1, 0x83, 0xe1, 0x7f); // mov ecx, eax; and ecx, 0x7f
  code.bytes(0xc1, 0xe8, 8, 0x0f, 0xb6, 0xc0); // shr eax, 8; movzx eax, al
  code.compareWith("rcx", 0);
  code.jump("equal", `${mark} joined`);
  code.bytes(0x48, 0x89, 0xc8, 0x48, 0xf7, 0xd8); // mov rax, rcx; neg rax
  code.label(`${mark} joined`);
  emitResult(place, operation, number);
}

function emitOperation(place: Place, operation: Operation): void {
  const number = place.next();
  switch (operation.kind) {
    case "call":
      emitCall(place.code, place.memory, operation.call);
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

function emitOperations(place: Place, operations: readonly Operation[]): void {
  for (const operation of operations) emitOperation(place, operation);
}

/**
 * Compiles a plan. Throws a RangeError for a call that its ABI does not have.
 *
 * @example
 * import { compilePlan } from "cloison";
 * import assert from "node:assert";
 * const call = { abi: "x86_64", name: "getpid", arguments: [] };
 * const file = compilePlan({ operations: [{ kind: "call", name: "getpid", call, onError: "stop" }] });
 * assert.deepEqual([...file.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);
 */
export function compilePlan(plan: Plan): Uint8Array {
  const code = assembler();
  const store = memory();
  let number = 0;
  const next = (): number => {
    number += 1;
    return number;
  };
  const place: Place = { code, memory: store, record: store.bytes(emptyRecord()), next };
  code.bytes(0x48, 0x8b, 0x04, 0x24); // mov rax, [rsp]: the number of arguments
  code.bytes(0x48, 0x8d, 0x44, 0xc4, 16); // lea rax, [rsp + rax*8 + 16]: behind them and their NULL
  code.storeTo(store.result(ENVIRONMENT), "rax");
  emitOperations(place, plan.operations);
  code.load("rdi", 0n);
  code.label("exit");
  emitExit(code);
  return elfImage({ code: code.finish(), data: store.data(), room: store.roomSize() });
}
