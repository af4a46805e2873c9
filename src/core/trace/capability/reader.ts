/**
 * Reads a trace_pipe with the events capability:cap_capable (with kernel stacks), sched_process_exec and
 * sched_process_fork into capability needs. Facts: Documentation/trace/ftrace.rst, capability.h; Linux 6.14 and later.
 */

import type { Identity, Phase, SeenAction } from "../../action/action.ts";
import { type Capability, capabilityOfBit } from "../../kernel/capability.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { isExecutor } from "../call/process.ts";
import type { Collector } from "../tree/collect.ts";
import { readStack } from "./frames.ts";

/** What the reader of system calls knows of the service's own processes. */
export interface Processes {
  /** Undefined: not the service's own. `first` and `last`: its identity when it began and when it ended. */
  readonly own: (
    pid: number,
  ) => { readonly first: Identity; readonly last: Identity; readonly executable: string } | undefined;
}

/** A reader of capability events. Needs are held back until `finish`, when it is known which processes are the service's. */
export interface CapabilityReader {
  readonly line: (text: string) => void;
  readonly phase: (phase: Phase) => void;
  /** Adds what was needed to a collector. */
  readonly finish: (processes: Processes, collect: Collector) => void;
}

interface Event {
  readonly pid: number;
  readonly capability: Capability;
  readonly granted: boolean;
  readonly namespace: string;
  readonly frames: string[];
}

interface Needed {
  readonly pid: number;
  readonly capability: Capability;
  readonly granted: boolean;
  readonly namespace: string;
  readonly over: ReturnType<typeof readStack>;
  readonly phase: Phase;
  count: number;
}

const EVENT = /^.{0,16}-(\d+) +\[\d+\] .{5} +[\d.]+: ([a-z_]+): (.*)$/;
const ASKED = /target_ns ([0-9a-f]+), capable_ns [0-9a-f]+, cap (\d+), ret (-?\d+)/;
const EXECUTED = /filename=(.*) pid=\d+ old_pid=(\d+)$/;
const BORN = /child_pid=(\d+)$/;
const LOST = /LOST (\d+) EVENTS/;
const FRAME = /^ => ([A-Za-z0-9_.]+)/;
/** Every execve accounts memory against the initial user namespace, which reveals the address of that namespace. */
const INITIAL = "cap_vm_enough_memory";

interface State {
  readonly abi: Abi;
  readonly manager: number | undefined;
  readonly needed: Map<string, Needed>;
  /** Processes between the manager's executor and their own program. */
  readonly setup: Set<number>;
  phase: Phase;
  current: Event | undefined;
  initial: string | undefined;
  lost: number;
}

function endEvent(state: State): void {
  const event = state.current;
  state.current = undefined;
  if (event === undefined) {
    return;
  }
  if (event.frames.some((frame) => frame === INITIAL || frame === "security_vm_enough_memory_mm")) {
    state.initial = event.namespace;
  }
  const over = readStack(event.frames, event.capability);
  if (over === undefined || state.setup.has(event.pid)) {
    return;
  }
  const { pid, capability, granted, namespace } = event;
  const key = [pid, capability, granted, namespace, over.over, over.call, state.phase].join(" ");
  const known = state.needed.get(key);
  if (known !== undefined) {
    known.count++;
  } else {
    state.needed.set(key, { pid, capability, granted, namespace, over, phase: state.phase, count: 1 });
  }
}

function beginEvent(state: State, pid: number, kind: string, text: string): void {
  endEvent(state);
  if (kind === "cap_capable") {
    const [, namespace = "", bit, result] = ASKED.exec(text) ?? [];
    const capability = bit === undefined ? undefined : capabilityOfBit(Number(bit));
    if (capability !== undefined) {
      state.current = { pid, capability, granted: result === "0", namespace, frames: [] };
    }
  } else if (kind === "sched_process_exec") {
    const file = EXECUTED.exec(text)?.[1] ?? "";
    if (isExecutor(file)) {
      state.setup.add(pid);
    } else {
      state.setup.delete(pid);
    }
  } else if (kind === "sched_process_fork") {
    noteFork(state, pid, text);
  }
}

function noteFork(state: State, parent: number, text: string): void {
  const child = BORN.exec(text)?.[1];
  if (child !== undefined && (parent === state.manager || state.setup.has(parent))) {
    state.setup.add(Number(child));
  }
}

function readLine(state: State, text: string): void {
  const frame = FRAME.exec(text)?.[1];
  if (frame !== undefined) {
    state.current?.frames.push(frame);
    return;
  }
  const event = EVENT.exec(text);
  if (event?.[1] !== undefined && event[2] !== undefined) {
    beginEvent(state, Number(event[1]), event[2], event[3] ?? "");
  }
  const lost = LOST.exec(text);
  if (lost !== null) {
    state.lost += Number(lost[1]);
  }
}

function addNeeds(state: State, processes: Processes, collect: Collector): void {
  for (const { pid, capability, granted, namespace, over, phase, count } of state.needed.values()) {
    const process = processes.own(pid);
    if (process === undefined || over === undefined) {
      continue;
    }
    const foreign = state.initial !== undefined && namespace !== state.initial;
    const need = { kind: "capability", capability, over: foreign ? "own" : over.over } as const;
    const call: SeenAction["call"] =
      over.call === undefined ? { kind: "none" } : { abi: state.abi, name: over.call, arguments: [] };
    const identity = granted ? process.first : process.last;
    const origin = { phase, identity, executable: process.executable };
    collect.add({ call, needs: [need] }, granted ? "ok" : "EPERM", origin, count);
  }
  if (state.lost > 0) {
    collect.gap({ code: "capabilities-lost" }, state.lost);
  }
}

/**
 * A reader of trace_pipe's text. All calls are taken to be of this ABI, the machine's own: the events do not name it.
 * `manager`: a process whose children set up services themselves, without an executor.
 */
export function capabilityReader(abi: Abi, manager?: number): CapabilityReader {
  const state: State = {
    abi,
    manager,
    needed: new Map(),
    setup: new Set(),
    phase: "start",
    current: undefined,
    initial: undefined,
    lost: 0,
  };
  return {
    line: (text) => readLine(state, text),
    phase: (phase) => {
      state.phase = phase;
    },
    finish: (processes, collect) => {
      endEvent(state);
      addNeeds(state, processes, collect);
    },
  };
}
