/**
 * Calls that some ABIs reach through another one as well: `socketcall(call, pointer)` and `ipc(call, …)`. Their
 * arguments lie in memory or are shifted there, so a filter sees which call it is and nothing more.
 * Codes: include/uapi/linux/net.h and ipc.h.
 */
import { type Abi, numberOf } from "../../kernel/syscalls/syscall.ts";

const SOCKET_CALLS: Readonly<Record<string, number>> = {
  socket: 1,
  bind: 2,
  connect: 3,
  listen: 4,
  accept: 5,
  getsockname: 6,
  getpeername: 7,
  socketpair: 8,
  send: 9,
  recv: 10,
  sendto: 11,
  recvfrom: 12,
  shutdown: 13,
  setsockopt: 14,
  getsockopt: 15,
  sendmsg: 16,
  recvmsg: 17,
  accept4: 18,
  recvmmsg: 19,
  sendmmsg: 20,
};

const IPC_CALLS: Readonly<Record<string, number>> = {
  semop: 1,
  semget: 2,
  semctl: 3,
  semtimedop: 4,
  msgsnd: 11,
  msgrcv: 12,
  msgget: 13,
  msgctl: 14,
  shmat: 21,
  shmdt: 22,
  shmget: 23,
  shmctl: 24,
};

/** The other way to a call: the number of the multiplexer and the code that it takes as first argument. */
export interface Route {
  readonly number: number;
  readonly code: number;
}

/** The way to a call through a multiplexer of an ABI; undefined if there is none. */
export function multiplexed(abi: Abi, name: string): Route | undefined {
  for (const [multiplexer, codes] of [
    ["socketcall", SOCKET_CALLS],
    ["ipc", IPC_CALLS],
  ] as const) {
    const number = numberOf(abi, multiplexer);
    const code = Object.hasOwn(codes, name) ? codes[name] : undefined;
    if (number !== undefined && code !== undefined) return { number, code };
  }
  return undefined;
}
