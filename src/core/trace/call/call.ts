/** A system call that has come to its end, whoever recorded it, and what is known around it. */

import type { FileFacts, ProcessFacts } from "../../action/action.ts";
import type { Loss } from "../../action/gap.ts";
import type { Abi, SyscallName } from "../../kernel/syscalls/syscall.ts";
import type { Process } from "./process.ts";
import { numberOfValue, type Result, type Value } from "./value.ts";

/** What the machine can tell a reader beyond the trace. All of it is optional: a trace may come from elsewhere. */
export interface World {
  /** The path without symlinks; the last component's own link is followed only if asked for. */
  readonly resolve?: (path: string, followLast: boolean) => string;
  /** Facts of a file that held during the whole observation. */
  readonly file?: (path: string) => FileFacts | undefined;
  /** Whether the path was there before the observation began. */
  readonly existed?: (path: string) => boolean | undefined;
  readonly process?: (target: ProcessTarget) => ProcessFacts | undefined;
  /** What the kernel executes along with a file: the interpreter of a script, the dynamic loader. */
  readonly interpreters?: (path: string) => readonly string[];
}

/** A process that a call aims at: its number as the service writes it, and as seen from outside (0: not known). */
export interface ProcessTarget {
  readonly inside: number;
  readonly outside: number;
}

/** One argument by its position in the registers, from 0; undefined where the reader has none. */
export type ArgumentAt = (index: number) => Value | undefined;

/** A call that has begun, as far as its arguments are known by then. The name may be none that we know. */
export interface BegunCall {
  readonly name: string;
  readonly argument: ArgumentAt;
}

/** A call as its reader hands it over. */
export interface ReadCall extends BegunCall {
  readonly name: SyscallName;
  readonly result: Result;
}

/** One finished call of the service. */
export interface FinishedCall extends ReadCall {
  readonly abi: Abi;
  readonly process: Process;
  readonly world: World;
  /** The stage and facts of a process that the trace knows. */
  readonly known: (pid: number) => Process | undefined;
  /** The same by the number that the service knows it by. */
  readonly knownInside: (pid: number) => Process | undefined;
  /** Of a socket by the name that its descriptor has (`socket:[1234]`). */
  readonly sockets: Map<string, SocketKind>;
  /** Something that could not be understood; makes the observation incomplete. */
  readonly gap: (loss: Loss) => void;
}

/** What a socket is, remembered from the call that made it. */
export interface SocketKind {
  readonly family: string;
  readonly transport: "tcp" | "udp" | undefined;
}

/** One argument as a number; values above 2^53 lose their low bits, flags do not get there. */
export function numberAt(call: FinishedCall, index: number): number | undefined {
  const value = numberOfValue(call.argument(index));
  return value === undefined ? undefined : Number(value);
}

/** Whether a user's or group's number stands for the one that there is: -1, which may be recorded unsigned (chown(2)). */
export function keepsId(id: number): boolean {
  return id === -1 || id === 0xffffffff;
}

/** Whether a call was let through. */
export function succeeded(call: FinishedCall): boolean {
  return call.result.kind !== "error";
}

/** What a call returned, if it did. */
export function returned(call: FinishedCall): Value | undefined {
  return call.result.kind === "ok" ? call.result.value : undefined;
}
