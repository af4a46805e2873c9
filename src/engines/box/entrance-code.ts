/**
 * What the programs of a box's entrance share: their descriptors, messages that carry descriptors, and calls with words of memory.
 * Facts: unix(7), cmsg(3), clone(2).
 */
import { type Draft, native, numeric } from "../../core/elf/emit.ts";
import { littleEndian } from "../../core/kernel/bytes.ts";
import { SIGNALS } from "../../core/kernel/signal.ts";
import { CONTROL_MESSAGES, SOL_SOCKET } from "../../core/kernel/socket-type.ts";
import type { SyscallName } from "../../core/kernel/syscalls/syscall.ts";

/** Where each program finds its end of the entrance. */
export const ENTRANCE_FD = { keeper: 4, keeperGroup: 5, caller: 5 } as const;

/** What the keeper gets for one program, in this order: its streams, where the request is read and answered, its cgroup.procs. */
export const SENT = ["input", "output", "errors", "request", "answers", "group"] as const;

/** The head of a control message: struct cmsghdr, and of a whole message: struct msghdr. */
export const CMSG_HEADER = 16;
const MESSAGE_BYTES = 56;
/** How long the control message with everything in SENT is. */
export const SENT_BYTES: number = CMSG_HEADER + 4 * SENT.length;

export const CLONE_VM = 0x100;

/** A number, or the address of the word that holds it when the program runs. A descriptor may have anything in its upper half. */
export type Operand = number | { readonly at: number };

/** A call of the program's own. */
export function emit(place: Draft, name: SyscallName, ...words: readonly Operand[]): void {
  const numbers = words.map((word) => numeric(typeof word === "number" ? word : 0));
  const stored = words.flatMap((word, index) => (typeof word === "number" ? [] : [[index, word.at] as const]));
  place.code.call(native(place, name, ...numbers), place.memory, new Map(stored));
}

/** Ends the process. */
export function emitEnd({ code }: Draft, status: number): void {
  code.setStatus(status);
  code.exit();
}

/** A child that goes on at a label; it has a copy of the memory unless flags say otherwise. The parent's result is its number. */
export function emitFork(place: Draft, inChild: string, flags = 0): void {
  emit(place, "clone", SIGNALS.SIGCHLD + flags, 0, 0, 0, 0);
  place.code.jumpIf("equal", 0, inChild);
}

/** Words in a row get numbers, or what other words hold. */
export function emitWords(
  { code }: Draft,
  address: number,
  words: readonly (bigint | { readonly at: number })[],
): void {
  for (const [index, word] of words.entries()) {
    if (typeof word === "bigint") {
      code.setResult(word);
    } else {
      code.loadResult(word.at);
    }
    code.storeResult(address + 8 * index);
  }
}

/** The address of a `struct msghdr` that is filled here: these bytes, and a control message of a length. */
export function emitMessage(
  place: Draft,
  data: { readonly at: number; readonly length: number },
  control: { readonly at: number; readonly length: number },
): number {
  const vector = place.memory.bytes([...littleEndian(data.at, 8), ...littleEndian(data.length, 8)]);
  const header = place.memory.room(MESSAGE_BYTES);
  const fields = [0, 0, vector, 1, control.at, control.length, 0];
  emitWords(place, header, fields.map(BigInt));
  return header;
}

function pairOfInts(low: number, high: number): bigint {
  return BigInt(low) | (BigInt(high) << 32n);
}

/** Fills a control message with descriptors, each the lower half of a word; gives its length with what is left free behind it. */
export function emitRights(place: Draft, address: number, descriptors: readonly Operand[]): number {
  const { code } = place;
  const length = CMSG_HEADER + 4 * descriptors.length;
  emitWords(place, address, [BigInt(length), pairOfInts(SOL_SOCKET, CONTROL_MESSAGES.SCM_RIGHTS)]);
  for (const [index, descriptor] of descriptors.entries()) {
    if (typeof descriptor === "number") {
      code.setResult(BigInt(descriptor));
    } else {
      code.loadResult(descriptor.at);
    }
    // Each word overwrites what the one before it left in its upper half.
    code.storeResult(address + CMSG_HEADER + 4 * index);
  }
  return length + (-length & 7);
}

/** Fills a control message that names a process as the sender, which only root may do for another; gives its length. */
export function emitCredentials(place: Draft, address: number, pid: number): number {
  const length = CMSG_HEADER + 12;
  emitWords(place, address, [
    BigInt(length),
    pairOfInts(SOL_SOCKET, CONTROL_MESSAGES.SCM_CREDENTIALS),
    BigInt(pid),
    0n,
  ]);
  return length + (-length & 7);
}
