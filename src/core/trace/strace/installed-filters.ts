/**
 * The filters that processes install, from a trace of strace (`-f -X raw -e abbrev=none`, all of it in one file): successful
 * calls of seccomp(2) and prctl(2), and who forked whom, since children inherit filters.
 */
import type { Program } from "../../bpf/instruction.ts";
import type { Diagnostic, Parsed } from "../../diagnostic/diagnostic.ts";
import { PRCTL_OPTIONS } from "../../kernel/prctl-option.ts";
import type { ReadCall } from "../call/call.ts";
import { numberOfValue, type Value } from "../call/value.ts";
import { BIRTH } from "../tree/family.ts";
import { readCall } from "./call.ts";
import { readLine } from "./line.ts";

/** What one process runs in the end, oldest first, and how many of these it inherited. */
export interface InstalledFilters {
  readonly pid: number;
  readonly programs: readonly Program[];
  readonly inherited: number;
}

const SECCOMP_SET_MODE_FILTER = 1n;
const SECCOMP_MODE_FILTER = 2n;
const UNREAD: Value = { kind: "unread" };

/** One call of a process, whole, with the line on which it began. */
interface TracedCall extends ReadCall {
  readonly pid: number;
  readonly began: number;
}

/** The finished calls of a trace, in the order in which they finished. */
function callsOf(text: string): readonly TracedCall[] {
  const pending = new Map<number, { readonly name: string; readonly rest: string; readonly began: number }>();
  const found: TracedCall[] = [];
  const end = (pid: number, began: number, call: ReadCall | undefined): void => {
    if (call !== undefined) {
      found.push({ ...call, pid, began });
    }
  };
  for (const [number, each] of text.split("\n").entries()) {
    const line = readLine(each);
    if (line.kind === "call") {
      end(line.pid, number, readCall(line.name, line.rest));
    } else if (line.kind === "unfinished") {
      pending.set(line.pid, { name: line.name, rest: line.rest, began: number });
    } else if (line.kind === "resumed") {
      const { rest, began } = pending.get(line.pid) ?? { rest: "", began: number };
      pending.delete(line.pid);
      end(line.pid, began, readCall(line.name, rest + line.rest));
    }
  }
  return found;
}

/** The argument of a call that installs a filter; undefined for all other calls. */
function installed({ name, argument }: TracedCall): Value | undefined {
  const first = numberOfValue(argument(0));
  if (name === "seccomp") {
    return first === SECCOMP_SET_MODE_FILTER ? (argument(2) ?? UNREAD) : undefined;
  }
  const sets = name === "prctl" && first === BigInt(PRCTL_OPTIONS.PR_SET_SECCOMP);
  return sets && numberOfValue(argument(1)) === SECCOMP_MODE_FILTER ? (argument(2) ?? UNREAD) : undefined;
}

/** What a call returned; undefined if it failed or never returned. */
function returnedNumber({ result }: TracedCall): number | undefined {
  const number = result.kind === "ok" ? numberOfValue(result.value) : undefined;
  return number === undefined ? undefined : Number(number);
}

/** What is known so far of a process. */
interface Task {
  readonly programs: { readonly program: Program; readonly line: number }[];
  parent: { readonly pid: number; readonly line: number } | undefined;
}

function stackOf(tasks: ReadonlyMap<number, Task>, pid: number, until: number, depth = 0): readonly Program[] {
  const task = tasks.get(pid);
  if (task === undefined || depth > tasks.size) {
    return [];
  }
  const { parent } = task;
  const inherited = parent === undefined ? [] : stackOf(tasks, parent.pid, parent.line, depth + 1);
  return [...inherited, ...task.programs.filter(({ line }) => line <= until).map(({ program }) => program)];
}

/**
 * What each process that installed a filter runs in the end, in the order of the first installation. The one error is
 * `strace-filter`: a filter that was installed and is not printed whole.
 *
 * @example
 * import { readInstalledFilters } from "cloison";
 * import assert from "node:assert";
 * const trace = "7 prctl(0x16, 0x2, {len=1, filter=[BPF_STMT(0x6|0, 0x50000|0x1)]}) = 0\n";
 * const [first] = readInstalledFilters(trace).value;
 * assert.deepEqual(first, { pid: 7, programs: [[{ code: 6, jt: 0, jf: 0, k: 0x50001 }]], inherited: 0 });
 */
export function readInstalledFilters(text: string): Parsed<readonly InstalledFilters[]> {
  const tasks = new Map<number, Task>();
  const taskOf = (pid: number): Task => {
    const task = tasks.get(pid) ?? { programs: [], parent: undefined };
    tasks.set(pid, task);
    return task;
  };
  const diagnostics: Diagnostic[] = [];
  const installers = new Set<number>();
  for (const call of callsOf(text)) {
    const number = returnedNumber(call);
    if (number === undefined || number < 0) {
      continue;
    }
    if (BIRTH.test(call.name) && number > 0) {
      taskOf(number).parent ??= { pid: call.pid, line: call.began };
      continue;
    }
    const filter = installed(call);
    if (filter === undefined) {
      continue;
    }
    const program = filter.kind === "filter" ? filter.program : undefined;
    if (program === undefined) {
      const message = `process ${call.pid} installed a filter that strace did not print whole`;
      const help = "trace it again with strace -f -X raw -e abbrev=none";
      diagnostics.push({ code: "strace-filter", severity: "error", message, help });
    } else {
      taskOf(call.pid).programs.push({ program, line: call.began });
    }
    installers.add(call.pid);
  }
  if (diagnostics.length > 0) {
    return { ok: false, diagnostics };
  }
  const value = [...installers].map((pid) => {
    const programs = stackOf(tasks, pid, Number.POSITIVE_INFINITY);
    return { pid, programs, inherited: programs.length - (tasks.get(pid)?.programs.length ?? 0) };
  });
  return { ok: true, value, diagnostics: [] };
}

/** Whether a trace shows a program that started: a successful execve. */
export function ranProgram(text: string): boolean {
  return callsOf(text).some(({ name, result }) => name === "execve" && result.kind === "ok");
}
