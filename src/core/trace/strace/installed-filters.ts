/**
 * The filters that processes install, from a trace of strace (`-f -X raw -e abbrev=none`, all of it in one file): calls of
 * seccomp(2) and prctl(2) that succeed, and who was born of whom, since children inherit. Form: strace(1), version 6.13.
 */
import type { Instruction, Program } from "../../bpf/instruction.ts";
import type { Diagnostic, Parsed } from "../../diagnostic/diagnostic.ts";

/** What one process runs in the end, oldest first, and how many of these it inherited. */
export interface InstalledFilters {
  readonly pid: number;
  readonly programs: readonly Program[];
  readonly inherited: number;
}

const SECCOMP_SET_MODE_FILTER = 1;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;

/** One call, whole: what was split over two lines is joined. */
interface TracedCall {
  readonly pid: number;
  readonly name: string;
  readonly text: string;
  readonly result: number;
  /** Line on which it began. */
  readonly began: number;
}

/** `0x50000|0x1`; undefined for what is no number. */
function wordOf(text: string): number | undefined {
  const parts = text.split("|").map((each) => each.trim());
  if (!parts.every((each) => /^(0x[0-9a-f]{1,8}|\d{1,10})$/.test(each))) return undefined;
  return parts.reduce((sum, each) => (sum | Number(each)) >>> 0, 0);
}

function instructionOf(kind: string, text: string): Instruction | undefined {
  const words = text.split(",").map(wordOf);
  const [code, k, jt = 0, jf = 0] = words;
  const expected = kind === "JUMP" ? 4 : 2;
  if (words.length !== expected || words.includes(undefined) || code === undefined || k === undefined) return undefined;
  return { code, jt, jf, k };
}

/** The program among the arguments of a call; undefined where strace could not or would not print all of it. */
function programOf(text: string): Program | undefined {
  const [, length, list] = /\{len=(\d+), filter=\[(.*)\]\}/.exec(text) ?? [];
  if (length === undefined || list === undefined) return undefined;
  const found = [...list.matchAll(/BPF_(STMT|JUMP)\(([^()]*)\)/g)].map(([, kind = "", words = ""]) =>
    instructionOf(kind, words),
  );
  const program = found.filter((each) => each !== undefined);
  return program.length === Number(length) && program.length === found.length ? program : undefined;
}

/** Whether a call installs a filter. */
function installs({ name, text }: TracedCall): boolean {
  const [first = "", second = ""] = text.split(",");
  if (name === "seccomp") return wordOf(first) === SECCOMP_SET_MODE_FILTER;
  return name === "prctl" && wordOf(first) === PR_SET_SECCOMP && wordOf(second) === SECCOMP_MODE_FILTER;
}

interface Begun {
  readonly name: string;
  readonly text: string;
  readonly began: number;
}

const LINE = /^(\d+) +(?:<\.\.\. (\w+) resumed>)?(?:(\w+)\()?(.*)$/s;
const END = /\) += (-?\d+|0x[0-9a-f]+|\?)/;

/** The calls of a trace that came to an end, in the order of their ends. */
function callsOf(text: string): readonly TracedCall[] {
  const pending = new Map<number, Begun>();
  const found: TracedCall[] = [];
  for (const [line, each] of text.split("\n").entries()) {
    const [, pid, resumed, name, rest = ""] = LINE.exec(each) ?? [];
    if (pid === undefined || (resumed === undefined && name === undefined)) continue;
    const before = resumed === undefined ? undefined : pending.get(Number(pid));
    const begun: Begun = before ?? { name: name ?? resumed ?? "", text: "", began: line };
    const whole = begun.text + rest;
    if (rest.endsWith("<unfinished ...>")) {
      pending.set(Number(pid), { ...begun, text: whole.slice(0, -"<unfinished ...>".length) });
      continue;
    }
    pending.delete(Number(pid));
    const result = Number(END.exec(whole)?.[1] ?? Number.NaN);
    found.push({ pid: Number(pid), name: begun.name, text: whole, result, began: begun.began });
  }
  return found;
}

/** A process while the trace is gone through. */
interface Task {
  readonly programs: { readonly program: Program; readonly line: number }[];
  parent: { readonly pid: number; readonly line: number } | undefined;
}

const BIRTHS: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);

function stackOf(tasks: ReadonlyMap<number, Task>, pid: number, until: number, depth = 0): readonly Program[] {
  const task = tasks.get(pid);
  if (task === undefined || depth > tasks.size) return [];
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
    if (BIRTHS.has(call.name) && call.result > 0) {
      taskOf(call.result).parent ??= { pid: call.pid, line: call.began };
      continue;
    }
    if (!installs(call) || call.result < 0 || Number.isNaN(call.result)) continue;
    const program = programOf(call.text);
    if (program === undefined) {
      const message = `process ${call.pid} installed a filter that strace did not print whole`;
      diagnostics.push({ code: "strace-filter", severity: "error", message });
    } else taskOf(call.pid).programs.push({ program, line: call.began });
    installers.add(call.pid);
  }
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  const value = [...installers].map((pid) => {
    const programs = stackOf(tasks, pid, Number.POSITIVE_INFINITY);
    return { pid, programs, inherited: programs.length - (tasks.get(pid)?.programs.length ?? 0) };
  });
  return { ok: true, value, diagnostics: [] };
}
