/** A finished system call, whatever recorded it, with what is known of its process and its machine. */

import type { FileFacts, ProcessFacts } from "../../action/action.ts";
import type { Loss } from "../../action/gap.ts";
import type { Abi, SyscallName } from "../../kernel/syscalls/syscall.ts";
import type { Process } from "./process.ts";
import { numberOfValue, type Result, type Value } from "./value.ts";

/** What the machine can tell a reader beyond the trace. All of it is optional: the trace may be from another machine. */
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

/** The process that a call targets: its pid as the service sees it, and as the tracer does (0: not known). */
export interface ProcessTarget {
  readonly inside: number;
  readonly outside: number;
}

/** An argument by its register, counted from 0; undefined where the reader has none. */
export type ArgumentAt = (index: number) => Value | undefined;

/** A call on entry, with the arguments known by then. Its name may be in none of our tables. */
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
  /** The same, by the pid that the service sees. */
  readonly knownInside: (pid: number) => Process | undefined;
  /** By the name that /proc/PID/fd gives the socket (`socket:[1234]`). */
  readonly sockets: Map<string, SocketKind>;
  /** Reports what could not be understood: the observation is then incomplete. */
  readonly gap: (loss: Loss) => void;
}

/** What a socket is, remembered from the call that made it. */
export interface SocketKind {
  readonly family: string;
  readonly transport: "tcp" | "udp" | undefined;
}

/** One argument as a number. Values above 2^53 lose their low bits; no flag is that large. */
export function numberAt(call: FinishedCall, index: number): number | undefined {
  const value = numberOfValue(call.argument(index));
  return value === undefined ? undefined : Number(value);
}

/** Whether a uid or gid means "leave unchanged": -1, which may be recorded as unsigned (chown(2)). */
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
