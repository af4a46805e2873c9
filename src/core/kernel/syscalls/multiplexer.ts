/**
 * Calls through which others can be made, by a number in their first argument: socketcall(2) and ipc(2); syscall(2) of
 * 32-bit mips is left out. The others' arguments then stand elsewhere, mostly in memory, where a filter cannot see them.
 * Numbers: include/uapi/linux/{net,ipc}.h.
 */
import { tableOf } from "./syscall.ts";
import type { Abi } from "./table.ts";

/** A call that multiplexes many. */
export type Multiplexer = "socketcall" | "ipc";

const SOCKETCALL: Readonly<Record<string, number>> = {
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

/** The lower sixteen bits of ipc's first argument; the upper ones are a version. */
const IPC: Readonly<Record<string, number>> = {
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

/** Another way to make a call. */
export interface Route {
  readonly through: Multiplexer;
  /** Number of the multiplexer. */
  readonly number: number;
  /** What its first argument holds. */
  readonly selector: number;
  /** The bits of the first argument that select. */
  readonly mask: number;
}

/**
 * How a call can be made through a multiplexer on an ABI; undefined where it cannot. It may have a number of its own
 * besides: i386 has both for `socket`.
 *
 * @example
 * import { routeOf } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(routeOf("i386", "socket"), { through: "socketcall", number: 102, selector: 1, mask: 0xffffffff });
 * assert.equal(routeOf("x86_64", "socket"), undefined);
 */
export function routeOf(abi: Abi, name: string): Route | undefined {
  const { numbers } = tableOf(abi);
  const { socketcall, ipc } = numbers;
  if (Object.hasOwn(SOCKETCALL, name) && socketcall !== undefined) {
    return { through: "socketcall", number: socketcall, selector: SOCKETCALL[name] ?? 0, mask: 0xffffffff };
  }
  if (Object.hasOwn(IPC, name) && ipc !== undefined) {
    return { through: "ipc", number: ipc, selector: IPC[name] ?? 0, mask: 0xffff };
  }
  return undefined;
}

/** Names of all calls that can be made through a multiplexer. */
export function callsThrough(multiplexer: Multiplexer): readonly string[] {
  return Object.keys(multiplexer === "socketcall" ? SOCKETCALL : IPC);
}
