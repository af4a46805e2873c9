/**
 * The two programs of a box's entrance, as machine code: the box needs no interpreter for them, and their files are nobody else's.
 *
 * The keeper stands in the box. It is the last thing that PID 1 runs before it becomes systemd, so it has that one's walls,
 * and was there before any unit. It waits on a socket for descriptors; for each set it forks an usher, which enters the
 * control group of the run, reads the request (entrance-request.ts), starts the program and says how it ended.
 * The caller stands outside: Node cannot pass descriptors on, so it starts a caller with them, which sends them and waits.
 * Facts: unix(7), cmsg(3), recvmsg(2), execve(2), cgroups(7); struct kernel_sigaction in the kernel's signal_types.h.
 */

import { littleEndian } from "../../core/elf/bytes.ts";
import { elfImage } from "../../core/elf/image.ts";
import { type Memory, memory } from "../../core/elf/memory.ts";
import { type Assembler, assembler } from "../../core/elf/x86-64/assemble.ts";
import { emitCall, emitExit } from "../../core/elf/x86-64/emit-call.ts";
import { x8664 } from "../../core/elf/x86-64/x86-64.ts";
import { SIGNALS } from "../../core/kernel/signal.ts";
import type { SyscallName } from "../../core/kernel/syscalls/syscall.ts";
import { ANSWERS, REQUEST, REQUEST_ROOM } from "./entrance-request.ts";

/** Where each program finds its end of the entrance. */
export const ENTRANCE_FD = { keeper: 4, keeperGroup: 5, caller: 5 } as const;

/** Descriptors of a caller, in the order in which they are sent: the three streams, the session, the run's cgroup.procs. */
export const SENT_FDS: readonly number[] = [0, 1, 2, 3, 6];
/** A caller waits here for the byte that becomes its exit status. */
export const HOLD_FD = 4;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const SIG_IGN = 1;
const SIG_SETMASK = 2;
const SIGSET_BYTES = 8;
const LAST_CLASSIC_SIGNAL = 31;
const CONTROL_BYTES = 16 + 4 * SENT_FDS.length;
const MESSAGE_BYTES = 56;

/** A number, or the address of the word that holds it when the program runs. A descriptor may have anything in its upper half. */
type Word = number | { readonly at: number };

interface Place {
  readonly code: Assembler;
  readonly memory: Memory;
}

function emit({ code, memory: store }: Place, name: SyscallName, ...words: readonly Word[]): void {
  const numbers = words.map(
    (word) => ({ kind: "number", value: BigInt(typeof word === "number" ? word : 0) }) as const,
  );
  const stored = words.flatMap((word, index) => (typeof word === "number" ? [] : [[index, word.at] as const]));
  emitCall(code, store, { abi: "x86_64", name, arguments: numbers }, new Map(stored));
}

function emitEnd({ code }: Place, status: number): void {
  code.load("rdi", BigInt(status));
  emitExit(code);
}

/** `struct msghdr` for one byte and one set of descriptors. */
function messageBytes(vector: number, control: number): readonly number[] {
  return [
    ...littleEndian(0, 16), // no name
    ...littleEndian(vector, 8),
    ...littleEndian(1, 8),
    ...littleEndian(control, 8),
    ...littleEndian(CONTROL_BYTES + (-CONTROL_BYTES & 7), 8),
    ...littleEndian(0, 8),
  ];
}

function vectorBytes(byte: number): readonly number[] {
  return [...littleEndian(byte, 8), ...littleEndian(1, 8)];
}

/** The program that sends its descriptors and ends with the status that it is told; 125 if it is told none, 126 if it could not send. */
export function callerProgram(): Uint8Array {
  const place: Place = { code: assembler(), memory: memory() };
  const { code, memory: store } = place;
  const control = store.bytes([
    ...littleEndian(CONTROL_BYTES, 8),
    ...littleEndian(SOL_SOCKET, 4),
    ...littleEndian(SCM_RIGHTS, 4),
    ...SENT_FDS.flatMap((fd) => littleEndian(fd, 4)),
  ]);
  const vector = store.bytes(vectorBytes(store.room(1, "byte")));
  const header = store.bytes(messageBytes(vector, control));
  emit(place, "sendmsg", ENTRANCE_FD.caller, header, MSG_NOSIGNAL);
  code.compareWith("rax", 1);
  code.jump("not-equal", "unsent");
  for (const fd of [...SENT_FDS, ENTRANCE_FD.caller]) {
    emit(place, "close", fd);
  }
  const status = store.room(8, "status");
  emit(place, "read", HOLD_FD, status, 1);
  code.compareWith("rax", 1);
  code.jump("not-equal", "untold");
  code.loadFrom("rdi", status);
  emitExit(code);
  code.label("untold");
  emitEnd(place, 125);
  code.label("unsent");
  emitEnd(place, 126);
  return elfImage({ code: code.finish(), data: store.data(), room: store.roomSize() }, x8664);
}

/** The keeper's program, and where it will have a request in memory: requests hold pointers into themselves. */
export interface Keeper {
  readonly image: Uint8Array;
  readonly requestAt: number;
}

/** The program that becomes the one named by its arguments, leaving a keeper behind. */
export function keeperProgram(): Keeper {
  const place: Place = { code: assembler(), memory: memory() };
  const { code, memory: store } = place;
  const requestAt = store.room(REQUEST_ROOM, "request");
  emitBecome(place);
  emitKeep(place);
  emitUsher(place, requestAt);
  emitProgram(place, requestAt);
  return { image: elfImage({ code: code.finish(), data: store.data(), room: store.roomSize() }, x8664), requestAt };
}

function emitFork(place: Place, inChild: string): void {
  emit(place, "clone", SIGNALS.SIGCHLD, 0, 0, 0, 0);
  place.code.compareWith("rax", 0);
  place.code.jump("equal", inChild);
}

/**
 * PID 1: leaves a keeper behind and becomes the rest of its arguments. Only once the keeper is in a control group of its own:
 * a manager can pass controllers on only while nothing else is in its root group.
 */
function emitBecome(place: Place): void {
  const { code, memory: store } = place;
  const child = store.result("keeper");
  emitFork(place, "leave");
  code.storeTo(child, "rax");
  emit(place, "close", ENTRANCE_FD.keeper);
  emit(place, "close", ENTRANCE_FD.keeperGroup);
  emit(place, "wait4", { at: child }, 0, 0, 0);
  code.bytes(0x48, 0x8b, 0x0c, 0x24); // mov rcx, [rsp]: argc
  code.bytes(0x48, 0x8d, 0x54, 0xcc, 0x10); // lea rdx, [rsp + 8 * rcx + 16]: envp
  code.bytes(0x48, 0x8d, 0x74, 0x24, 0x10); // lea rsi, [rsp + 16]: argv without the first
  code.bytes(0x48, 0x8b, 0x3e); // mov rdi, [rsi]
  code.load("rax", 59n); // execve
  code.bytes(0x0f, 0x05);
  emitEnd(place, 127);
  code.label("leave");
  emit(place, "write", ENTRANCE_FD.keeperGroup, store.text("0"), 1);
  emit(place, "close", ENTRANCE_FD.keeperGroup);
  emitFork(place, "keep");
  emitEnd(place, 0);
}

/** Waits for descriptors, and starts an usher for each set. The streams of the boot are let go: whoever reads them waits for their end. */
function emitKeep(place: Place): void {
  const { code, memory: store } = place;
  const control = store.room(CONTROL_BYTES + 4, "control");
  const vector = store.bytes(vectorBytes(store.room(1, "byte")));
  const header = store.room(MESSAGE_BYTES, "message");
  const action = store.room(32, "action");
  code.label("keep");
  emit(place, "setsid");
  emit(place, "dup2", 0, 1);
  emit(place, "dup2", 0, 2);
  code.load("rax", BigInt(SIG_IGN));
  code.storeTo(action, "rax");
  emit(place, "rt_sigaction", SIGNALS.SIGCHLD, action, 0, SIGSET_BYTES);
  code.label("listen");
  for (const [index, word] of wordsOf(messageBytes(vector, control)).entries()) {
    code.load("rax", word);
    code.storeTo(header + 8 * index, "rax");
  }
  code.load("rax", 0n);
  code.storeTo(control, "rax");
  emit(place, "recvmsg", ENTRANCE_FD.keeper, header, MSG_CMSG_CLOEXEC);
  code.compareWith("rax", -4); // EINTR
  code.jump("equal", "listen");
  code.compareWith("rax", 1);
  code.jump("not-equal", "closed");
  code.loadFrom("rax", control);
  code.compareWith("rax", CONTROL_BYTES);
  code.jump("not-equal", "listen");
  emitFork(place, "usher");
  for (const index of SENT_FDS.keys()) {
    emit(place, "close", { at: control + 16 + 4 * index });
  }
  code.jump("always", "listen");
  code.label("closed");
  emitEnd(place, 0);
}

function wordsOf(bytes: readonly number[]): readonly bigint[] {
  return Array.from({ length: bytes.length / 8 }, (_, index) =>
    bytes.slice(8 * index, 8 * index + 8).reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n),
  );
}

/** A received descriptor, by its place in SENT_FDS. */
function received({ memory: store }: Place, index: number): Word {
  return { at: store.room(CONTROL_BYTES + 4, "control") + 16 + 4 * index };
}

/** Says something on the session: what it is, and a value. */
function emitAnswer(place: Place, kind: number, value: number): void {
  const { code, memory: store } = place;
  const answer = store.room(16, "answer");
  code.loadFrom("rcx", value);
  code.storeTo(answer + 8, "rcx");
  code.load("rcx", BigInt(kind));
  code.storeTo(answer, "rcx");
  emit(place, "write", received(place, 3), answer, 16);
}

/** Ends the process with an answer if rax is an error. */
function emitUnless(place: Place, kind: number, mark: string): void {
  const { code, memory: store } = place;
  const value = store.result("value");
  code.compareWith("rax", 0);
  code.jump("greater-or-equal", mark);
  code.storeTo(value, "rax");
  emitAnswer(place, kind, value);
  emitEnd(place, 127);
  code.label(mark);
}

function emitUsher(place: Place, requestAt: number): void {
  const { code, memory: store } = place;
  const action = store.room(32, "action");
  const [child, status] = [store.result("program"), store.room(8, "wait status")];
  code.label("usher");
  emit(place, "close", ENTRANCE_FD.keeper);
  code.load("rax", 0n);
  code.storeTo(action, "rax");
  emit(place, "rt_sigaction", SIGNALS.SIGCHLD, action, 0, SIGSET_BYTES);
  emit(place, "write", received(place, 4), store.text("0"), 1);
  emitUnless(place, ANSWERS.noGroup, "in the group");
  emit(place, "close", received(place, 4));
  emitAnswer(place, ANSWERS.begun, action);
  emitReading(place, requestAt);
  emitFork(place, "program");
  emitUnless(place, ANSWERS.noFork, "forked");
  code.storeTo(child, "rax");
  for (const index of [0, 1, 2]) {
    emit(place, "close", received(place, index));
  }
  emit(place, "wait4", { at: child }, status, 0, 0);
  emitAnswer(place, ANSWERS.ended, status);
  emitEnd(place, 0);
}

/** Reads from the session until the request has the size that its first word says. */
function emitReading(place: Place, requestAt: number): void {
  const { code, memory: store } = place;
  const [next, left] = [store.result("next"), store.result("left")];
  code.load("rax", BigInt(requestAt));
  code.storeTo(next, "rax");
  code.load("rax", BigInt(REQUEST_ROOM));
  code.storeTo(left, "rax");
  code.label("read");
  emit(place, "read", received(place, 3), { at: next }, { at: left });
  code.compareWith("rax", 1);
  code.jump("less", "closed");
  code.loadFrom("rcx", next);
  code.bytes(0x48, 0x01, 0xc1); // add rcx, rax
  code.storeTo(next, "rcx");
  code.loadFrom("rdx", left);
  code.bytes(0x48, 0x29, 0xc2); // sub rdx, rax
  code.storeTo(left, "rdx");
  code.bytes(0x48, 0x81, 0xe9, ...littleEndian(requestAt, 4)); // sub rcx, requestAt: how much is there
  code.compareWith("rcx", 8);
  code.jump("less", "read");
  code.loadFrom("rdx", requestAt + REQUEST.size);
  code.compare("rcx", "rdx");
  code.jump("less", "read");
}

/** The child that becomes the program: in a session of its own, every signal as it was born with, then as whom the request says. */
function emitProgram(place: Place, requestAt: number): void {
  const { code, memory: store } = place;
  const at = (offset: number): Word => ({ at: requestAt + offset });
  const action = store.room(32, "action");
  const value = store.result("value");
  code.label("program");
  emit(place, "setsid");
  for (let signal = 1; signal <= LAST_CLASSIC_SIGNAL; signal += 1) {
    if (signal !== SIGNALS.SIGKILL && signal !== SIGNALS.SIGSTOP) {
      emit(place, "rt_sigaction", signal, action, 0, SIGSET_BYTES);
    }
  }
  emit(place, "rt_sigprocmask", SIG_SETMASK, store.room(8, "no signals"), 0, SIGSET_BYTES);
  for (const index of [0, 1, 2]) {
    emit(place, "dup2", received(place, index), index);
  }
  emit(place, "chdir", at(REQUEST.directory));
  emitUnless(place, ANSWERS.noDirectory, "in the directory");
  code.loadFrom("rax", requestAt + REQUEST.changesUser);
  code.compareWith("rax", 0);
  code.jump("equal", "as root");
  emit(place, "setgroups", at(REQUEST.groupCount), at(REQUEST.groups));
  emitUnless(place, ANSWERS.noUser, "groups set");
  emit(place, "setresgid", at(REQUEST.gid), at(REQUEST.gid), at(REQUEST.gid));
  emitUnless(place, ANSWERS.noUser, "group set");
  emit(place, "setresuid", at(REQUEST.uid), at(REQUEST.uid), at(REQUEST.uid));
  emitUnless(place, ANSWERS.noUser, "user set");
  code.label("as root");
  code.load("rax", -2n); // ENOENT
  code.storeTo(value, "rax");
  code.load("rbx", BigInt(requestAt + REQUEST.candidates));
  code.label("candidate");
  code.bytes(0x48, 0x8b, 0x3b); // mov rdi, [rbx]
  code.bytes(0x48, 0x83, 0xc3, 8); // add rbx, 8
  code.compareWith("rdi", 0);
  code.jump("equal", "no program");
  code.loadFrom("rsi", requestAt + REQUEST.argv);
  code.loadFrom("rdx", requestAt + REQUEST.environment);
  code.load("rax", 59n); // execve
  code.bytes(0x0f, 0x05);
  // As execvp(3) does: what is not there, or in something that is no directory, is looked for further on.
  code.compareWith("rax", -2);
  code.jump("equal", "candidate");
  code.compareWith("rax", -20); // ENOTDIR
  code.jump("equal", "candidate");
  code.storeTo(value, "rax");
  code.compareWith("rax", -13); // EACCES
  code.jump("equal", "candidate");
  code.label("no program");
  emitAnswer(place, ANSWERS.noProgram, value);
  emitEnd(place, 127);
}
