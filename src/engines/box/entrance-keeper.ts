/**
 * The keeper of a box's entrance, as machine code: the box needs no interpreter for it, and its file is nobody else's. It is the
 * last thing that PID 1 runs before it becomes systemd, so it has that one's walls, and was there before any unit. It waits on a
 * socket for descriptors; for each set it forks an usher, which enters the control group of the run, reads the request
 * (entrance-request.ts), starts the program and says how it ended.
 * Facts: unix(7), cmsg(3), recvmsg(2), execve(2), cgroups(7); struct kernel_sigaction in the kernel's signal_types.h.
 */
import { type Draft, fileOf, startProgram } from "../../core/elf/emit.ts";
import type { ElfMachine } from "../../core/elf/machine.ts";
import { SIGNALS } from "../../core/kernel/signal.ts";
import {
  CMSG_HEADER,
  ENTRANCE_FD,
  emit,
  emitEnd,
  emitFork,
  emitMessage,
  emitWords,
  type Operand,
  SENT,
  SENT_BYTES,
} from "./entrance-code.ts";
import { ANSWERS, REQUEST, REQUEST_ROOM } from "./entrance-request.ts";

const MSG_CMSG_CLOEXEC = 0x40000000;
const SIG_IGN = 1;
const SIG_SETMASK = 2;
const SIGSET_BYTES = 8;
const LAST_CLASSIC_SIGNAL = 31;
const STREAMS = ["input", "output", "errors"] as const;
const ERRNO = { ENOENT: 2, EINTR: 4, EACCES: 13, ENOTDIR: 20 } as const;

/** The keeper's program, and where it will have a request in memory: requests hold pointers into themselves. */
export interface Keeper {
  readonly image: Uint8Array;
  readonly requestAt: number;
}

/** The program that becomes the one named by its arguments, leaving a keeper behind. */
export function keeperProgram(machine: ElfMachine): Keeper {
  const place = startProgram(machine);
  const requestAt = place.memory.room(REQUEST_ROOM, "request");
  emitBecome(place);
  emitKeep(place);
  emitUsher(place, requestAt);
  emitProgram(place, requestAt);
  return { image: fileOf(place), requestAt };
}

/**
 * PID 1: leaves a keeper behind and becomes the rest of its arguments. Only once the keeper is in a control group of its own:
 * a manager can pass controllers on only while nothing else is in its root group.
 */
function emitBecome(place: Draft): void {
  const { code, memory: store } = place;
  const [argv, environment] = [store.result("argv"), store.result("environment")];
  const [child, program] = [store.result("keeper"), store.result("systemd")];
  code.findEnvironment();
  code.storeResult(environment);
  code.findArguments();
  code.storeResult(argv);
  emitFork(place, "leave");
  code.storeResult(child);
  emit(place, "close", ENTRANCE_FD.keeper);
  emit(place, "close", ENTRANCE_FD.keeperGroup);
  emit(place, "wait4", { at: child }, 0, 0, 0);
  code.setResult(8n);
  code.addResult(argv);
  code.loadResult(argv);
  code.follow();
  code.storeResult(program);
  emit(place, "execve", { at: program }, { at: argv }, { at: environment });
  emitEnd(place, 127);
  code.label("leave");
  emit(place, "write", ENTRANCE_FD.keeperGroup, store.text("0"), 1);
  emit(place, "close", ENTRANCE_FD.keeperGroup);
  emitFork(place, "keep");
  emitEnd(place, 0);
}

/** Waits for descriptors, and starts an usher for each set. The streams of the boot are let go: whoever reads them waits for their end. */
function emitKeep(place: Draft): void {
  const { code, memory: store } = place;
  const control = store.room(SENT_BYTES + 8, "control");
  const action = store.room(32, "action");
  code.label("keep");
  emit(place, "setsid");
  emit(place, "dup3", 0, 1, 0);
  emit(place, "dup3", 0, 2, 0);
  code.setResult(BigInt(SIG_IGN));
  code.storeResult(action);
  emit(place, "rt_sigaction", SIGNALS.SIGCHLD, action, 0, SIGSET_BYTES);
  code.label("listen");
  const header = emitMessage(place, { at: store.room(1, "byte"), length: 1 }, { at: control, length: SENT_BYTES });
  code.setResult(0n);
  code.storeResult(control);
  emit(place, "recvmsg", ENTRANCE_FD.keeper, header, MSG_CMSG_CLOEXEC);
  code.jumpIf("equal", -ERRNO.EINTR, "listen");
  code.jumpIf("not-equal", 1, "closed");
  code.loadResult(control);
  code.jumpIf("not-equal", SENT_BYTES, "listen");
  emitFork(place, "usher");
  for (const name of SENT) {
    emit(place, "close", received(place, name));
  }
  code.jump("listen");
  code.label("closed");
  emitEnd(place, 0);
}

/** A received descriptor. */
function received({ memory: store }: Draft, name: (typeof SENT)[number]): Operand {
  return { at: store.room(SENT_BYTES + 8, "control") + CMSG_HEADER + 4 * SENT.indexOf(name) };
}

/** Says something on the session: what it is, and a value. */
function emitAnswer(place: Draft, kind: number, value: number): void {
  const { code, memory: store } = place;
  const answer = store.room(16, "answer");
  code.loadResult(value);
  code.storeResult(answer + 8);
  code.setResult(BigInt(kind));
  code.storeResult(answer);
  emit(place, "write", received(place, "answers"), answer, 16);
}

/** Ends the process with an answer if rax is an error. */
function emitUnless(place: Draft, kind: number, mark: string): void {
  const { code, memory: store } = place;
  const value = store.result("value");
  code.jumpIf("greater-or-equal", 0, mark);
  code.storeResult(value);
  emitAnswer(place, kind, value);
  emitEnd(place, 127);
  code.label(mark);
}

function emitUsher(place: Draft, requestAt: number): void {
  const { code, memory: store } = place;
  const action = store.room(32, "action");
  const [child, status] = [store.result("program"), store.room(8, "wait status")];
  code.label("usher");
  emit(place, "close", ENTRANCE_FD.keeper);
  code.setResult(0n);
  code.storeResult(action);
  emit(place, "rt_sigaction", SIGNALS.SIGCHLD, action, 0, SIGSET_BYTES);
  emit(place, "write", received(place, "group"), store.text("0"), 1);
  emitUnless(place, ANSWERS.noGroup, "in the group");
  emit(place, "close", received(place, "group"));
  emitAnswer(place, ANSWERS.begun, action);
  emitReading(place, requestAt);
  emitFork(place, "program");
  emitUnless(place, ANSWERS.noFork, "forked");
  code.storeResult(child);
  for (const name of STREAMS) {
    emit(place, "close", received(place, name));
  }
  emit(place, "wait4", { at: child }, status, 0, 0);
  emitAnswer(place, ANSWERS.ended, status);
  emitEnd(place, 0);
}

/** Reads until the request has the size that its first word says. */
function emitReading(place: Draft, requestAt: number): void {
  const { code, memory: store } = place;
  const [next, left] = [store.result("next"), store.result("left")];
  const [read, missing] = [store.result("read"), store.result("missing")];
  emitWords(place, next, [BigInt(requestAt)]);
  emitWords(place, left, [BigInt(REQUEST_ROOM)]);
  code.label("read");
  emit(place, "read", received(place, "request"), { at: next }, { at: left });
  code.jumpIf("less", 1, "closed");
  code.addResult(next);
  code.addResult(read);
  code.subtractResult(left);
  code.loadResult(read);
  code.jumpIf("less", 8, "read");
  code.loadResult(requestAt + REQUEST.size);
  code.storeResult(missing);
  code.loadResult(read);
  code.subtractResult(missing);
  code.loadResult(missing);
  code.jumpIf("greater-or-equal", 1, "read");
}

/** The child that becomes the program: in a session of its own, every signal as it was born with, then as whom the request says. */
function emitProgram(place: Draft, requestAt: number): void {
  const { code, memory: store } = place;
  const at = (offset: number): Operand => ({ at: requestAt + offset });
  const action = store.room(32, "action");
  const [value, candidate, program] = [store.result("value"), store.result("candidate"), store.result("path")];
  code.label("program");
  emit(place, "setsid");
  for (let signal = 1; signal <= LAST_CLASSIC_SIGNAL; signal += 1) {
    if (signal !== SIGNALS.SIGKILL && signal !== SIGNALS.SIGSTOP) {
      emit(place, "rt_sigaction", signal, action, 0, SIGSET_BYTES);
    }
  }
  emit(place, "rt_sigprocmask", SIG_SETMASK, store.room(8, "no signals"), 0, SIGSET_BYTES);
  for (const [index, name] of STREAMS.entries()) {
    emit(place, "dup3", received(place, name), index, 0);
  }
  emit(place, "chdir", at(REQUEST.directory));
  emitUnless(place, ANSWERS.noDirectory, "in the directory");
  code.loadResult(requestAt + REQUEST.changesUser);
  code.jumpIf("equal", 0, "as root");
  emit(place, "setgroups", at(REQUEST.groupCount), at(REQUEST.groups));
  emitUnless(place, ANSWERS.noUser, "groups set");
  emit(place, "setresgid", at(REQUEST.gid), at(REQUEST.gid), at(REQUEST.gid));
  emitUnless(place, ANSWERS.noUser, "group set");
  emit(place, "setresuid", at(REQUEST.uid), at(REQUEST.uid), at(REQUEST.uid));
  emitUnless(place, ANSWERS.noUser, "user set");
  code.label("as root");
  emitWords(place, value, [BigInt(-ERRNO.ENOENT)]);
  emitWords(place, candidate, [BigInt(requestAt + REQUEST.candidates)]);
  code.label("candidate");
  code.loadResult(candidate);
  code.follow();
  code.storeResult(program);
  code.jumpIf("equal", 0, "no program");
  code.setResult(8n);
  code.addResult(candidate);
  emit(place, "execve", { at: program }, at(REQUEST.argv), at(REQUEST.environment));
  // As execvp(3) does: what is not there, or in something that is no directory, is looked for further on.
  code.jumpIf("equal", -ERRNO.ENOENT, "candidate");
  code.jumpIf("equal", -ERRNO.ENOTDIR, "candidate");
  code.storeResult(value);
  code.jumpIf("equal", -ERRNO.EACCES, "candidate");
  code.label("no program");
  emitAnswer(place, ANSWERS.noProgram, value);
  emitEnd(place, 127);
}
