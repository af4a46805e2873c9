/**
 * The caller of a box's entrance, one for each program, on this machine: it makes pipes, sends the box their ends, and moves what
 * flows through them between there and the sockets that Node made for its child. A socket that was made on this machine never goes
 * in: who has one can ask for its maker as a pidfd, and with that enter the maker's namespaces. So can who hears a message ask
 * for its sender; this one says that PID 1 of the box sent it. It is one process of several threads: a child that outlived it would
 * be left to the machine's PID 1, which in a container may wait for nobody.
 * Facts: unix(7), pipe(7), close_range(2), clone(2), set_tid_address(2), futex(2); SO_PEERPIDFD, SO_PASSPIDFD and scm_check_creds() in the kernel's
 * net/core/sock.c and net/core/scm.c.
 */
import { type Draft, fileOf, startProgram } from "../../core/elf/emit.ts";
import type { ElfMachine } from "../../core/elf/machine.ts";
import { SIGNALS } from "../../core/kernel/signal.ts";
import {
  CLONE_VM,
  ENTRANCE_FD,
  emit,
  emitCredentials,
  emitEnd,
  emitMessage,
  emitRights,
  type Operand,
  SENT_BYTES,
} from "./entrance-code.ts";

/**
 * Descriptors of a caller: its streams and the session are sockets of Node's. Two bytes on the hold, a status and a signal or 0, are
 * how it ends once the program's output has been read to its end; without waiting for that when the hold is closed.
 */
export const CALLER_FD = { session: 3, hold: 4, group: 6 } as const;

const O_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SHUT_RDWR = 2;
/** A thread of the caller with descriptors of its own. */
const THREAD = CLONE_VM + 0x200 + 0x800 + 0x10000;
const SIGSET_BYTES = 8;
const SIG_DFL = 0;
const SIG_IGN = 1;
/** Not FUTEX_PRIVATE_FLAG: the kernel's own wake at a thread's end is without. */
const FUTEX_WAIT = 0;
/** Above all that a caller opens. */
const KEPT = 100;
const AT_ONCE = 64 << 10;
const CREDENTIALS_BYTES = 32;

/** What flows through each pipe, in the order in which the box gets their ends: from and to which socket on this side. */
const FLOWS = [
  { socket: 0, inwards: true, awaited: false },
  { socket: 1, inwards: false, awaited: true },
  { socket: 2, inwards: false, awaited: true },
  { socket: CALLER_FD.session, inwards: true, awaited: false },
  { socket: CALLER_FD.session, inwards: false, awaited: false },
] as const;

/** Where the two ends of a pipe are found. */
interface Ends {
  readonly here: Operand;
  readonly box: Operand;
}

/**
 * The program for a box whose PID 1 has this number here. It ends as it is told; with 125 if it is told nothing, with 126 if it could
 * not send.
 */
export function callerProgram(leader: number, machine: ElfMachine): Uint8Array {
  const place = startProgram(machine);
  const { code } = place;
  const pipes = FLOWS.map(({ inwards }) => emitPipe(place, inwards));
  // Whoever writes where nobody reads is told so; the signal would end all threads.
  emitPipeSignal(place, SIG_IGN);
  emitSending(place, pipes, leader);
  for (const [index, { awaited }] of FLOWS.entries()) {
    if (awaited) {
      code.setResult(1n);
      code.storeResult(running(place, index));
    }
    emitThread(place, `pump ${index}`);
  }
  emitWaiting(place);
  for (const [index, flow] of FLOWS.entries()) {
    const { here } = pipes[index] as Ends;
    code.label(`pump ${index}`);
    if (flow.awaited) {
      emit(place, "set_tid_address", running(place, index));
    }
    emitPump(place, flow, here, `pumping ${index}`);
  }
  code.label("unsent");
  emitEnd(place, 126);
  return fileOf(place);
}

/** The word that the kernel clears when a pump has ended. */
function running({ memory: store }: Draft, index: number): number {
  return store.room(8, `running ${index}`);
}

/** A thread that goes on at a label. It shares even the stack, which nothing here uses. */
function emitThread(place: Draft, label: string): void {
  emit(place, "clone", THREAD, 0, 0, 0, 0);
  place.code.jumpIf("equal", 0, label);
  place.code.jumpIf("less", 0, "unsent");
}

function emitPipeSignal(place: Draft, handler: number): void {
  const { code, memory: store } = place;
  const action = store.room(32, "action");
  code.setResult(BigInt(handler));
  code.storeResult(action);
  emit(place, "rt_sigaction", SIGNALS.SIGPIPE, action, 0, SIGSET_BYTES);
}

function emitPipe(place: Draft, inwards: boolean): Ends {
  const reading = place.memory.room(8);
  emit(place, "pipe2", reading, O_CLOEXEC);
  place.code.jumpIf("not-equal", 0, "unsent");
  const writing = reading + 4;
  return inwards ? { here: { at: writing }, box: { at: reading } } : { here: { at: reading }, box: { at: writing } };
}

function emitSending(place: Draft, pipes: readonly Ends[], leader: number): void {
  const { code, memory: store } = place;
  const control = store.room(SENT_BYTES + 8 + CREDENTIALS_BYTES);
  const rights = emitRights(place, control, [...pipes.map(({ box }) => box), CALLER_FD.group]);
  const length = rights + emitCredentials(place, control + rights, leader);
  const message = emitMessage(place, { at: store.room(1), length: 1 }, { at: control, length });
  emit(place, "sendmsg", ENTRANCE_FD.caller, message, MSG_NOSIGNAL);
  code.jumpIf("not-equal", 1, "unsent");
}

/** Lets everything go but the hold: whoever reads a stream waits until nobody has it any more. */
function emitWaiting(place: Draft): void {
  const { code, memory: store } = place;
  emit(place, "dup3", CALLER_FD.hold, KEPT, O_CLOEXEC);
  emit(place, "close_range", 0, KEPT - 1, 0);
  const [status, signal] = [store.room(8), store.room(8)];
  for (const told of [status, signal]) {
    emit(place, "read", KEPT, told, 1);
    code.jumpIf("not-equal", 1, "untold");
  }
  emitThread(place, "until read");
  emit(place, "read", KEPT, store.room(8), 1);
  code.jump("end");
  code.label("until read");
  for (const [index, { awaited }] of FLOWS.entries()) {
    if (awaited) {
      emitJoin(place, index);
    }
  }
  code.label("end");
  code.loadResult(signal);
  code.jumpIf("not-equal", 0, "by signal");
  emit(place, "exit_group", { at: status });
  code.label("by signal");
  emitPipeSignal(place, SIG_DFL);
  emit(place, "getpid");
  const self = store.room(8);
  code.storeResult(self);
  emit(place, "kill", { at: self }, { at: signal });
  // The signal may be another thread's to take.
  emit(place, "ppoll", 0, 0, 0, 0, SIGSET_BYTES);
  code.label("untold");
  emitEnd(place, 125);
}

/** Waits until a pump has ended. */
function emitJoin(place: Draft, index: number): void {
  const { code } = place;
  const word = running(place, index);
  code.label(`join ${index}`);
  code.loadResult(word);
  code.jumpIf("equal", 0, `joined ${index}`);
  emit(place, "futex", word, FUTEX_WAIT, 1, 0, 0, 0);
  code.jump(`join ${index}`);
  code.label(`joined ${index}`);
}

/** A thread of its own for each pipe, which ends with what flows through it. */
function emitPump(place: Draft, { socket, inwards }: (typeof FLOWS)[number], here: Operand, label: string): void {
  const { code, memory: store } = place;
  const [from, to] = inwards ? [socket, here] : [here, socket];
  emit(place, "dup3", from, KEPT, O_CLOEXEC);
  emit(place, "dup3", to, KEPT + 1, O_CLOEXEC);
  emit(place, "close_range", 0, KEPT - 1, 0);
  const [bytes, count] = [store.room(AT_ONCE), store.room(8)];
  // Not splice(2): it holds the pipe's lock while it waits for the socket, and who reads the pipe then waits, too.
  code.label(label);
  emit(place, "read", KEPT, bytes, AT_ONCE);
  code.storeResult(count);
  code.jumpIf("less", 1, `${label} ends`);
  emit(place, "write", KEPT + 1, bytes, { at: count });
  code.jumpIf("greater-or-equal", 1, label);
  code.label(`${label} ends`);
  // The session is a socket that two pumps have.
  emit(place, "shutdown", KEPT + 1, SHUT_RDWR);
  emit(place, "exit", 0);
}
