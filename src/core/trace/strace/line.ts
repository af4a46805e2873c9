/**
 * One line of strace: who, and what kind of line. Facts: strace(1) and the output of strace 6.13 with `-f`,
 * to a file (`1234 call(…)`) and to a terminal (`[pid 1234] call(…)`).
 */
import type { Abi } from "../../kernel/syscalls/syscall.ts";

/** A line by its form; what the call means is read later. */
export type TraceLine =
  /** A call with its result; `arguments` begins behind the opening bracket. */
  | { readonly kind: "call"; readonly pid: number; readonly name: string; readonly rest: string }
  | { readonly kind: "unfinished"; readonly pid: number; readonly name: string; readonly rest: string }
  | { readonly kind: "resumed"; readonly pid: number; readonly name: string; readonly rest: string }
  | { readonly kind: "exited"; readonly pid: number }
  /** All other threads ended because this one executed a file. */
  | { readonly kind: "superseded"; readonly pid: number; readonly by: number }
  | { readonly kind: "abi"; readonly pid: number; readonly abi: Abi }
  /** Signals, stops, and messages of strace itself. */
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown"; readonly text: string };

const PREFIX = /^(?:\[pid +(\d+)\] |(\d+) +)?(?:\d+:\d\d:\d\d(?:\.\d+)? |\d+\.\d+ )?/;
const CALL = /^([a-z_][a-z0-9_]*)\(/;
const RESUMED = /^<\.\.\. ([a-z_][a-z0-9_]*) resumed>/;
const UNFINISHED = " <unfinished ...>";
const SUPERSEDED = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+/;
const ABI_NOTICE = /^\[ Process PID=\d+ runs in (64 bit|32 bit|x32) mode\. \]/;
const ABIS: Readonly<Record<string, Abi>> = { "64 bit": "x86_64", "32 bit": "i386", x32: "x32" };

/** The process of a line that names none: strace without `-f` follows just one. */
const ONLY = 0;

/** Reads the form of a line; never fails. */
export function readLine(text: string): TraceLine {
  const prefix = PREFIX.exec(text);
  const pid = Number(prefix?.[1] ?? prefix?.[2] ?? ONLY);
  const body = text.slice(prefix?.[0].length ?? 0);
  return readCall(pid, body) ?? readNotice(pid, body) ?? { kind: "unknown", text: body };
}

/** strace prints `syscall_0x1f4` for a number that it has no name for. */
function nameOf(printed: string): string {
  return printed.startsWith("syscall_0x") ? "" : printed;
}

function readCall(pid: number, body: string): TraceLine | undefined {
  const call = CALL.exec(body);
  if (call?.[1] !== undefined) {
    const rest = body.slice(call[0].length);
    const name = nameOf(call[1]);
    if (!rest.endsWith(UNFINISHED)) {
      return { kind: "call", pid, name, rest };
    }
    return { kind: "unfinished", pid, name, rest: rest.slice(0, -UNFINISHED.length) };
  }
  const resumed = RESUMED.exec(body);
  if (resumed?.[1] === undefined) {
    return undefined;
  }
  // A thread that is ended by another thread's execve prints both marks.
  return {
    kind: "resumed",
    pid,
    name: nameOf(resumed[1]),
    rest: body.slice(resumed[0].length).replace(UNFINISHED, ""),
  };
}

function readNotice(pid: number, body: string): TraceLine | undefined {
  if (/^\+\+\+ (exited with|killed by)/.test(body)) {
    return { kind: "exited", pid };
  }
  const superseded = SUPERSEDED.exec(body);
  if (superseded !== null) {
    return { kind: "superseded", pid, by: Number(superseded[1]) };
  }
  const notice = ABI_NOTICE.exec(body);
  const abi = ABIS[notice?.[1] ?? ""];
  if (abi !== undefined) {
    return { kind: "abi", pid, abi };
  }
  const silent = body === "" || /^(--- .* ---$|strace: |<detached \.\.\.>|\?+( <unfinished \.\.\.>)?$)/.test(body);
  return silent ? { kind: "nothing" } : undefined;
}
