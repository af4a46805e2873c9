/** A call that strace printed to the end: `name(arguments) = result`. Facts: strace(1), strace 6.13. */
import { isErrnoName } from "../../kernel/errno.ts";
import { isSyscallName } from "../../kernel/syscalls/syscall.ts";
import type { ArgumentAt, BegunCall, ReadCall } from "../call/call.ts";
import type { Result, Value } from "../call/value.ts";
import { cutArguments } from "./printed.ts";
import { readValue } from "./value.ts";

const NO_RETURN: Result = { kind: "no-return" };
const ERROR = /^-1 ([A-Z][A-Z0-9]*)\b/;
/** Internal errors by which the kernel restarts a call; the process never sees them. */
const RESTART = /^(-1 |\? )ERESTART/;

/** Reads what follows the closing bracket of a call; undefined if it has no known form. */
function readResult(text: string): Result | undefined {
  const match = /^\s*= (.*)$/s.exec(text);
  const printed = match?.[1]?.trim();
  if (printed === undefined) {
    return undefined;
  }
  if (printed.startsWith("?") || RESTART.test(printed)) {
    return NO_RETURN;
  }
  const error = ERROR.exec(printed);
  if (error?.[1] !== undefined) {
    return isErrnoName(error[1]) ? { kind: "error", errno: error[1] } : undefined;
  }
  return { kind: "ok", value: readValue(printed.replace(/ \(.*\)$/s, "")) };
}

/** The arguments in the order of the registers: strace prints those of clone(2) by name, in an order of its own. */
function registersOf(name: string, parts: readonly string[]): readonly string[] {
  if (name !== "clone") {
    return parts;
  }
  const flags = parts.find((part) => part.startsWith("flags="));
  return flags === undefined ? parts : [flags.slice("flags=".length)];
}

/** Arguments are parsed on demand: for most calls few or none are needed. */
function argumentsOf(name: string, printed: readonly string[]): ArgumentAt {
  const parts = registersOf(name, printed);
  const values: (Value | undefined)[] = [];
  return (index) => {
    const part = parts[index];
    if (part === undefined) {
      return undefined;
    }
    values[index] ??= readValue(part, name, index);
    return values[index];
  };
}

/** Reads a finished call from behind its opening bracket; undefined if it was not understood. */
export function readCall(name: string, rest: string): ReadCall | undefined {
  const cut = cutArguments(rest, 0);
  const result = cut.end < 0 ? undefined : readResult(rest.slice(cut.end + 1));
  if (result === undefined || !isSyscallName(name)) {
    return undefined;
  }
  return { name, argument: argumentsOf(name, cut.parts), result };
}

/** A pending call, with its text so far. */
export interface UnfinishedCall extends BegunCall {
  readonly rest: string;
}

/** The beginning of a call. It is parsed only if an argument is asked for: most calls are soon resumed. */
export function readUnfinished(name: string, rest: string): UnfinishedCall {
  let read: ArgumentAt | undefined;
  return {
    name,
    rest,
    argument: (index) => {
      read ??= argumentsOf(name, cutArguments(rest, 0).parts);
      return read(index);
    },
  };
}
