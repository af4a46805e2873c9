/** What a call means: which of its numbers a wall may look at, what it needs, and what it changes in the process itself. */

import type { Argument, FileFacts, Need, ProcessFacts } from "../action/action.ts";
import { flagsOfText } from "../kernel/flags.ts";
import type { Abi, SyscallName } from "../kernel/syscalls/syscall.ts";
import type { Process } from "./process.ts";
import type { Result } from "./strace/result.ts";
import { readValue, type Value } from "./strace/value.ts";

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

/** One finished call of the service. */
export interface FinishedCall {
  readonly name: SyscallName;
  readonly abi: Abi;
  readonly process: Process;
  readonly result: Result;
  readonly printed: readonly string[];
  readonly world: World;
  /** The stage and facts of a process that the trace knows. */
  readonly known: (pid: number) => Process | undefined;
  /** The same by the number that the service knows it by. */
  readonly knownInside: (pid: number) => Process | undefined;
  /** Of a socket by the name that strace gives it (`socket:[1234]`). */
  readonly sockets: Map<string, SocketKind>;
  /** Something that could not be understood; makes the observation incomplete. */
  readonly gap: (reason: string) => void;
}

/** What a socket is, remembered from the call that made it. */
export interface SocketKind {
  readonly family: string;
  readonly transport: "tcp" | "udp" | undefined;
}

/** Names of the flags of one argument; empty for plain numbers. */
export type Names = Readonly<Record<string, number>>;

/** The meaning of one call. A call without one is recorded by its name alone. */
export interface Meaning {
  /** Argument positions that a filter or wall may look at, with the names that strace prints for their flags. */
  readonly numbers?: Readonly<Record<number, Names>>;
  /** The arguments, where strace does not print them in the order of the registers. */
  readonly arguments?: (call: FinishedCall) => readonly Argument[];
  readonly needs?: (call: FinishedCall) => readonly Need[];
  /** What it changes in what is remembered; called for every process of the trace, after `needs`. */
  readonly effect?: (call: FinishedCall) => void;
}

/** Meanings by name. */
export type Meanings = Readonly<Partial<Record<SyscallName, Meaning>>>;

/** One meaning for several calls. */
export function each(names: readonly SyscallName[], meaning: Meaning): Meanings {
  return Object.fromEntries(names.map((name) => [name, meaning]));
}

/** Plain numbers, no names. */
export const PLAIN: Names = {};

/** One argument, read. */
export function argument(call: FinishedCall, index: number): Value | undefined {
  const printed = call.printed[index];
  return printed === undefined ? undefined : readValue(printed);
}

/** A value as a number: numeric, a descriptor's, or names of a table. */
export function numberOfValue(value: Value | undefined, names: Names = PLAIN): bigint | undefined {
  if (value === undefined) return undefined;
  if (value.kind === "number") return value.value;
  if (value.kind === "descriptor") return BigInt(value.number);
  if (value.kind !== "word") return undefined;
  if (value.text === "NULL") return 0n;
  const flags = flagsOfText(names, value.text);
  return flags === undefined ? undefined : BigInt(flags);
}

/** One argument as a number; values above 2^53 lose their low bits, flags do not get there. */
export function numberAt(call: FinishedCall, index: number, names: Names = PLAIN): number | undefined {
  const value = numberOfValue(argument(call, index), names);
  return value === undefined ? undefined : Number(value);
}

/** Whether a user's or group's number stands for the one that there is: -1, which may be printed unsigned (chown(2)). */
export function keepsId(id: number): boolean {
  return id === -1 || id === 0xffffffff;
}

/** A field of a structure. */
export function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return value?.kind === "fields" ? value.fields.get(name) : undefined;
}

/** Whether a call was let through. */
export function succeeded(call: FinishedCall): boolean {
  return call.result.kind === "ok";
}
