/**
 * The program that makes the socket of a box's entrance and becomes the guard. A socket says for ever who made it, as a pidfd, too,
 * and its other end lies in the box; so a child makes it, in the descriptors that both share, and is gone before anything begins.
 * One end becomes the guard's, on the way to the keeper. Node gets the other as a handle on the channel that it gives to a child.
 * Facts: clone(2), unix(7); SO_PEERPIDFD in the kernel's net/core/sock.c; "net.Socket" in Node's internal/child_process, which is no
 * documented interface: measured with Node 20.20, 22.23 and 24.21.
 */
import { type Draft, fileOf, startProgram } from "../../core/elf/emit.ts";
import type { ElfMachine } from "../../core/elf/machine.ts";
import { utf8 } from "../../core/kernel/bytes.ts";
import {
  CLONE_VM,
  CMSG_HEADER,
  ENTRANCE_FD,
  emit,
  emitEnd,
  emitFork,
  emitMessage,
  emitRights,
} from "./entrance-code.ts";

const CLONE_FILES = 0x400;
const CLONE_VFORK = 0x4000;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const ACKNOWLEDGEMENT = 256;
/** How Node says that a handle comes with a line of its channel. */
const HANDLE = '{"cmd":"NODE_HANDLE","type":"net.Socket","msg":{}}\n';

/** The program: it is started with Node's channel where the keeper's end will be, and becomes what its arguments name. */
export function makerProgram(machine: ElfMachine): Uint8Array {
  const place = startProgram(machine);
  const { code, memory: store } = place;
  const [argv, program, environment] = [store.result("argv"), store.result("program"), store.result("environment")];
  code.findEnvironment();
  code.storeResult(environment);
  code.findArguments();
  code.storeResult(argv);
  const pair = store.room(8);
  const child = store.result("child");
  emitFork(place, "make", CLONE_VM + CLONE_FILES + CLONE_VFORK);
  code.storeResult(child);
  emit(place, "wait4", { at: child }, 0, 0, 0);
  emitHandingOver(place, pair);
  emit(place, "dup3", { at: pair + 4 }, ENTRANCE_FD.keeper, 0);
  code.setResult(8n);
  code.addResult(argv);
  code.loadResult(argv);
  code.follow();
  code.storeResult(program);
  emit(place, "execve", { at: program }, { at: argv }, { at: environment });
  code.label("failed");
  emitEnd(place, 127);
  code.label("make");
  emit(place, "socketpair", AF_UNIX, SOCK_STREAM + SOCK_CLOEXEC, 0, pair);
  emitEnd(place, 0);
  return fileOf(place);
}

/** Node answers a handle; until then it must find somebody to answer to. */
function emitHandingOver(place: Draft, pair: number): void {
  const { code, memory: store } = place;
  code.loadResult(pair);
  code.jumpIf("equal", 0, "failed");
  const control = store.room(CMSG_HEADER + 8);
  const length = emitRights(place, control, [{ at: pair }]);
  const line = utf8(HANDLE);
  const message = emitMessage(place, { at: store.bytes(line), length: line.length }, { at: control, length });
  emit(place, "sendmsg", ENTRANCE_FD.keeper, message, MSG_NOSIGNAL);
  code.jumpIf("less", 1, "failed");
  emit(place, "read", ENTRANCE_FD.keeper, store.room(ACKNOWLEDGEMENT), ACKNOWLEDGEMENT);
}
