/**
 * The caller of a box's entrance, one for each program, on this machine: it makes pipes, sends the box their ends, and moves what
 * flows through them between there and the sockets that Node made for its child. A socket that was made on this machine never goes
 * in: who has one can ask for its maker as a pidfd, and with that enter the maker's namespaces. So can who hears a message ask
 * for its sender; this one says that PID 1 of the box sent it.
 * Facts: unix(7), pipe(7), close_range(2); SO_PEERPIDFD, SO_PASSPIDFD and scm_check_creds() in the kernel's
 * net/core/sock.c and net/core/scm.c.
 */
import { type Draft, fileOf, startProgram } from "../../core/elf/emit.ts";
import type { ElfMachine } from "../../core/elf/machine.ts";
import {
  CLONE_VM,
  ENTRANCE_FD,
  emit,
  emitCredentials,
  emitEnd,
  emitFork,
  emitMessage,
  emitRights,
  type Operand,
  SENT_BYTES,
} from "./entrance-code.ts";

/** Descriptors of a caller: its streams and the session are sockets of Node's; a byte on the hold becomes its exit status. */
export const CALLER_FD = { session: 3, hold: 4, group: 6 } as const;

const O_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SHUT_RDWR = 2;
/** Above all that a caller opens. */
const KEPT = 100;
const AT_ONCE = 64 << 10;
const CREDENTIALS_BYTES = 32;

/** What flows through each pipe, in the order in which the box gets their ends: from and to which socket on this side. */
const FLOWS = [
  { socket: 0, inwards: true },
  { socket: 1, inwards: false },
  { socket: 2, inwards: false },
  { socket: CALLER_FD.session, inwards: true },
  { socket: CALLER_FD.session, inwards: false },
] as const;

/** Where the two ends of a pipe are found. */
interface Ends {
  readonly here: Operand;
  readonly box: Operand;
}

/**
 * The program for a box whose PID 1 has this number here. It ends with the status that it is told; 125 if it is told none, 126
 * if it could not send.
 */
export function callerProgram(leader: number, machine: ElfMachine): Uint8Array {
  const place = startProgram(machine);
  const { code } = place;
  const pipes = FLOWS.map(({ inwards }) => emitPipe(place, inwards));
  emitSending(place, pipes, leader);
  for (const index of FLOWS.keys()) {
    // They share memory and nothing else: that is much faster than to copy its tables, and nothing here uses the stack.
    emitFork(place, `pump ${index}`, CLONE_VM);
  }
  emitWaiting(place);
  for (const [index, flow] of FLOWS.entries()) {
    const { here } = pipes[index] as Ends;
    code.label(`pump ${index}`);
    emitPump(place, flow, here, `pumping ${index}`);
  }
  code.label("unsent");
  emitEnd(place, 126);
  return fileOf(place);
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
  const status = store.room(8);
  emit(place, "read", KEPT, status, 1);
  code.jumpIf("not-equal", 1, "untold");
  emit(place, "exit_group", { at: status });
  code.label("untold");
  emitEnd(place, 125);
}

/** A process of its own for each pipe, which ends with what flows through it. */
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
  emitEnd(place, 0);
}
