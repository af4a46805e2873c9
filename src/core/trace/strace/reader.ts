/**
 * Reads the output of strace for a whole tree of processes, line by line, into an observation. Memory grows with the
 * distinct actions and the live processes only. Facts: strace(1), fork(2), execve(2), output of strace 6.13.
 */

import type { Observation, Phase } from "../../action/action.ts";
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import { type Abi, isSyscallName } from "../../kernel/syscalls/syscall.ts";
import { type Collector, collector } from "../collect.ts";
import { BIRTH, type Family, family } from "../family.ts";
import { type FinishedCall, fieldOf, numberOfValue, type SocketKind, type World } from "../meaning.ts";
import { meaningOf } from "../meanings/all.ts";
import { executedPath } from "../meanings/execution.ts";
import { cloneFlags } from "../meanings/processes.ts";
import { isExecutor, type LifeStage, type Process } from "../process.ts";
import { actionOf } from "../record.ts";
import { readLine } from "./line.ts";
import { NO_RETURN, readResult } from "./result.ts";
import { cutArguments, readValue } from "./value.ts";

/** What a reader is told. */
export interface StraceOptions {
  /** The unit's name, for the observation. */
  readonly unit: string;
  /** Salted hash of the host's id, hexadecimal, if it is to be recorded. */
  readonly host?: string;
  /**
   * Which processes count. Without it all do, from the first line on. With it: those that the manager's executor
   * starts in a control group that `belongs` accepts, from their execve out of the executor on. `cgroup` is given when
   * the trace itself tells; undefined as the answer means that it could not be found out, and makes a gap.
   */
  readonly belongs?: (pid: number, cgroup: string | undefined) => boolean | undefined;
  /** Programs of the unit that the manager starts without any wall (`+` in an Exec line): they do not count. */
  readonly unwalled?: (executable: string) => boolean;
  readonly world?: World;
}

/** A reader of one trace. */
export interface StraceReader {
  /** One line, without its line end. */
  readonly line: (text: string) => void;
  /** What follows belongs to this phase. */
  readonly phase: (phase: Phase) => void;
  /** Something lost outside the trace. */
  readonly gap: (reason: string, count?: number) => void;
  /** The process numbers that were ever the service's own, with the identity they began and ended with. */
  readonly own: ReadonlyMap<number, OwnProcess>;
  /** The observation so far; to be asked for once, at the end. */
  readonly finish: () => Observation;
  readonly collector: Collector;
}

/** One of the service's own processes, for readers of other sources. */
export interface OwnProcess {
  readonly first: Process["identity"];
  last: Process["identity"];
  executable: string;
}

interface State {
  readonly options: StraceOptions;
  readonly collect: Collector;
  readonly family: Family;
  readonly sockets: Map<string, SocketKind>;
  readonly own: Map<number, OwnProcess>;
  phase: Phase;
}

const CGROUP_OPENED = /= (\d+)<(\/sys\/fs\/cgroup\/[^>]*)>$/;
const EXECUTIONS: ReadonlySet<string> = new Set(["execve", "execveat"]);
/** What is followed in the processes that do not count: who is whose child, where, and as whom. */
const FOLLOWED = /^(clone3?|v?fork|execve(at)?|f?chdir|chroot|pivot_root|set(re|res|fs)?[ug]id(32)?|socket|accept4?)$/;

function initialStage(options: StraceOptions): LifeStage {
  return options.belongs === undefined ? "own" : "foreign";
}

function callOf(state: State, process: Process, name: string, rest: string): FinishedCall | undefined {
  const cut = cutArguments(rest, 0);
  const result = cut.end < 0 ? undefined : readResult(rest.slice(cut.end + 1));
  if (result === undefined || !isSyscallName(name)) return undefined;
  return finished(state, process, { name, printed: cut.parts, result });
}

const NOTHING: World = {};

function silent(): void {
  // What is not understood of processes that do not count is no gap.
}

function finished(
  state: State,
  process: Process,
  { name, printed, result }: Pick<FinishedCall, "name" | "printed" | "result">,
): FinishedCall {
  // Built field by field, since it is built for every line.
  return {
    name,
    printed,
    result,
    abi: process.abi,
    process,
    world: state.options.world ?? NOTHING,
    known: state.family.known,
    knownInside: state.family.knownInside,
    sockets: state.sockets,
    gap: process.stage === "own" ? state.collect.gap : silent,
  };
}

function handleCall(state: State, process: Process, name: string, rest: string): void {
  if (process.stage !== "own") {
    noteCgroup(state, process, rest);
    if (!FOLLOWED.test(name)) return;
  }
  const call = callOf(state, process, name, rest);
  if (call === undefined) {
    if (process.stage === "own") {
      state.collect.gap(isSyscallName(name) ? `a line of ${name} was not understood` : unknownCall(name));
    }
    return;
  }
  handleFinished(state, process, call);
}

function noteCgroup(state: State, process: Process, rest: string): void {
  const opened = CGROUP_OPENED.exec(rest);
  if (opened?.[2] !== undefined) state.family.cgroupOpened(process.pid, Number(opened[1]), opened[2]);
}

function unknownCall(name: string): string {
  return /^syscall_0x/.test(name)
    ? "a system call that strace does not know"
    : `an unknown system call, ${name.slice(0, 40)}`;
}

function handleFinished(state: State, process: Process, call: FinishedCall): void {
  const meaning = meaningOf(call.name);
  const begins = process.stage === "setup" && EXECUTIONS.has(call.name);
  if (process.stage === "own" || (begins && !isUnwalled(state, call))) recordCall(state, call, begins);
  const ends = call.result.kind === "ok";
  meaning.effect?.(call);
  if (ends && BIRTH.test(call.name)) noteBirth(state, process, call);
  if (ends && EXECUTIONS.has(call.name)) changeStage(state, process);
  if (process.stage === "own") noteOwn(state, process);
}

function isUnwalled(state: State, call: FinishedCall): boolean {
  const path = executedPath(call);
  return path !== undefined && state.options.unwalled?.(path) === true;
}

function recordCall(state: State, call: FinishedCall, begins: boolean): void {
  const { process, result } = call;
  const action = actionOf(call, meaningOf(call.name));
  const executable = begins ? (executedPath(call) ?? "") : process.executable;
  const outcome = result.kind === "ok" ? "ok" : result.errno;
  state.collect.add(action, outcome, { phase: state.phase, identity: process.identity, executable });
}

/** Out of the executor a process becomes the service's own; into it, it is being set up. */
function changeStage(state: State, process: Process): void {
  const { belongs } = state.options;
  if (belongs === undefined) return;
  if (process.stage === "foreign") process.stage = stageOfStart(state, process, belongs);
  else if (process.stage === "setup") beginOwnLife(state, process);
}

function stageOfStart(state: State, process: Process, belongs: NonNullable<StraceOptions["belongs"]>): LifeStage {
  if (!isExecutor(process.executable)) return "foreign";
  const answer = belongs(process.pid, process.cgroup);
  if (answer === undefined) state.collect.gap("a process ended before its unit was known");
  return answer === true ? "setup" : "foreign";
}

function beginOwnLife(state: State, process: Process): void {
  if (state.options.unwalled?.(process.executable) === true) {
    process.stage = "foreign";
    return;
  }
  process.stage = "own";
  // Whatever root the executor built is the service's own `/`.
  process.place = { root: "/", directory: process.place.root === "/" ? process.place.directory : "/" };
}

function noteOwn(state: State, process: Process): void {
  const known = state.own.get(process.pid);
  if (known === undefined) {
    state.own.set(process.pid, { first: process.identity, last: process.identity, executable: process.executable });
  } else {
    known.last = process.identity;
    known.executable = process.executable;
  }
}

function noteBirth(state: State, parent: Process, call: FinishedCall): void {
  if (call.result.kind !== "ok") return;
  const inside = numberOfValue(call.result.value);
  if (inside === undefined || inside <= 0n) return;
  const pid = call.result.outside ?? Number(inside);
  const sharesPlace = hasFlag(call, CLONE_FLAGS.CLONE_FS);
  const group = numberOfValue(fieldOf(readValue(call.printed[0] ?? ""), "cgroup"));
  const cgroup = group === undefined ? undefined : Number(group);
  state.family.born(parent, pid, { inside: Number(inside), sharesPlace, cgroup });
}

function hasFlag(call: FinishedCall, flag: number): boolean {
  const flags = call.name.startsWith("clone") ? cloneFlags(call) : 0;
  return ((flags ?? 0) & flag) !== 0;
}

/** A call that never came back was let through all the same. */
function endPending(state: State, process: Process): void {
  const pending = state.family.takePending(process.pid);
  if (pending === undefined || process.stage !== "own") return;
  if (!isSyscallName(pending.name)) {
    state.collect.gap(unknownCall(pending.name));
    return;
  }
  const printed = cutArguments(`${pending.rest})`, 0).parts;
  handleFinished(state, process, finished(state, process, { name: pending.name, printed, result: NO_RETURN }));
}

function handleLine(state: State, text: string): void {
  const line = readLine(text);
  if (line.kind === "nothing") return;
  if (line.kind === "unknown") {
    state.collect.gap("a line of the trace was not understood");
    return;
  }
  const process = state.family.member(line.pid, text);
  if (process === undefined) return;
  switch (line.kind) {
    case "call":
      handleCall(state, process, line.name, line.rest);
      break;
    case "unfinished":
      state.family.setPending(process.pid, { name: line.name, rest: line.rest });
      break;
    case "resumed":
      handleResumed(state, process, line.name, line.rest);
      break;
    case "abi":
      process.abi = line.abi satisfies Abi;
      break;
    case "exited":
      endPending(state, process);
      state.family.gone(process.pid);
      break;
    case "superseded":
      handleSuperseded(state, process, line.by);
      break;
  }
}

function handleResumed(state: State, process: Process, name: string, rest: string): void {
  const pending = state.family.takePending(process.pid);
  if (pending?.name !== name) {
    if (process.stage === "own") state.collect.gap("a call resumed that had not begun");
    return;
  }
  handleCall(state, process, name, pending.rest + rest);
}

/** A thread executed a file: the process goes on under the leader's number, with that thread's call in flight. */
function handleSuperseded(state: State, leader: Process, by: number): void {
  state.family.takePending(leader.pid);
  const pending = state.family.takePending(by);
  if (pending !== undefined) state.family.setPending(leader.pid, pending);
  state.family.gone(by);
}

/** A reader for the output of `strace -f -y -s 0 -X raw --decode-pids=pidns --quiet=attach`, or of a plainer strace. */
export function straceReader(options: StraceOptions): StraceReader {
  const collect = collector(options.unit, options.host);
  const stage = initialStage(options);
  const state: State = {
    options,
    collect,
    family: family(stage, (text) => handleLine(state, text)),
    sockets: new Map(),
    own: new Map(),
    phase: "start",
  };
  return {
    line: (text) => handleLine(state, text),
    phase: (phase) => {
      state.phase = phase;
      collect.enter(phase);
    },
    gap: collect.gap,
    own: state.own,
    collector: collect,
    finish: () => {
      const orphans = state.family.held();
      if (orphans > 0) collect.gap("lines of processes whose parent is unknown", orphans);
      for (const process of state.family.living()) endPending(state, process);
      return collect.finish();
    },
  };
}

/**
 * Reads a whole trace, every process of which counts, as one phase. Never fails: a line that is not understood is a gap.
 *
 * @example
 * import { readStrace } from "cloison";
 * import assert from "node:assert";
 * const { seen, gaps } = readStrace('7 unlink("/var/lib/x") = -1 EROFS (Read-only file system)\n8 !?', { unit: "a.service" });
 * assert.deepEqual(seen[0].action.needs, [{ kind: "path", path: "/var/lib/x", access: "remove" }]);
 * assert.equal(seen[0].result, "EROFS");
 * assert.deepEqual(gaps, [{ reason: "a line of the trace was not understood", count: 1 }]);
 */
export function readStrace(text: string, options: StraceOptions, phase: Phase = "workload"): Observation {
  const reader = straceReader(options);
  reader.phase(phase);
  for (const line of text.split("\n")) reader.line(line);
  return reader.finish();
}
