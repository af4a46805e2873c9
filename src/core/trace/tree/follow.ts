/**
 * What all readers of calls share: which processes are the service's own, from when on, and with which identity; what
 * their calls mean; what was lost. Memory grows only with the distinct actions and the distinct pids.
 * Facts: fork(2), execve(2), systemd-executor of systemd 257; before 255 the manager's own child builds the walls.
 */
import { EXECUTING, type Observation, type Phase } from "../../action/action.ts";
import type { Loss } from "../../action/gap.ts";
import { type Abi, isSyscallName } from "../../kernel/syscalls/syscall.ts";
import { type BegunCall, type FinishedCall, type ReadCall, returned, succeeded, type World } from "../call/call.ts";
import { isExecutor, type LifeStage, type Process } from "../call/process.ts";
import { numberOfValue } from "../call/value.ts";
import { meaningOf } from "../meanings/all.ts";
import { executedPath } from "../meanings/execution.ts";
import { actionOf } from "../meanings/record.ts";
import { type Collector, collector } from "./collect.ts";
import { BIRTH, cgroupDescriptor, type Family, family, sharesPlace } from "./family.ts";

/** What a reader is told about the trace. */
export interface TraceOptions {
  /** The unit's name, for the observation. */
  readonly unit: string;
  /** Salted hash of the host's id, hexadecimal, if it is to be recorded. */
  readonly host?: string;
  /**
   * Which processes count. Without it all do, from the first event on. With it, only those that the manager's executor
   * starts in an accepted control group, from the moment they leave the executor by execve. `cgroup` is given where the
   * trace shows it; the answer undefined means that it could not be determined, and leaves a gap.
   */
  readonly belongs?: (pid: number, cgroup: string | undefined) => boolean | undefined;
  /**
   * The manager has no executor: its own child joins the control group, builds the walls and executes the program (systemd
   * before 255).
   */
  readonly direct?: boolean;
  /** Programs of the unit that the manager starts without any wall (`+` in an Exec line): they do not count. */
  readonly unwalled?: (executable: string) => boolean;
  readonly world?: World;
}

/** One of the service's own processes, as the readers of other sources need it. */
export interface OwnProcess {
  readonly first: Process["identity"];
  last: Process["identity"];
  executable: string;
}

/** What a reader reports of a trace, in order. `Event` is whatever the reader takes as input. */
export interface Follower<Event, Pending extends BegunCall> {
  /** The process of an event; undefined while its parent is unknown: the event is then replayed later. */
  readonly member: (pid: number, event: Event) => Process | undefined;
  /** Whether a call needs to be read: few do in processes that do not count. */
  readonly follows: (process: Process, name: string) => boolean;
  readonly finished: (process: Process, call: ReadCall) => void;
  /** A finished call that the reader did not understand; the name is empty if the reader has none for it. */
  readonly misread: (process: Process, name: string) => void;
  readonly began: (process: Process, call: Pending) => void;
  /** Takes the pending call that is now resumed; undefined, with a gap, if none was pending or another one. */
  readonly resumed: (process: Process, name: string) => Pending | undefined;
  /** A process that does not count opened a path, which may be a control group. */
  readonly opened: (process: Process, descriptor: number, path: string) => void;
  readonly abi: (process: Process, abi: Abi) => void;
  readonly exited: (process: Process) => void;
  /** A thread executed a file: it continues under the leader's pid, its execve still pending. */
  readonly superseded: (leader: Process, by: number) => void;
  /** What follows belongs to this phase. */
  readonly phase: (phase: Phase) => void;
  /** The processes that were ever the service's own, with the identity that each began and ended with. */
  readonly own: ReadonlyMap<number, OwnProcess>;
  readonly collector: Collector;
  /** The observation; call it once, at the end. */
  readonly finish: () => Observation;
}

interface State {
  readonly options: TraceOptions;
  readonly collect: Collector;
  readonly family: Omit<Family<unknown, BegunCall>, "member" | "setPending">;
  readonly sockets: FinishedCall["sockets"];
  readonly own: Map<number, OwnProcess>;
  phase: Phase;
}

/** The calls read in processes that do not count: they set parents, directories, identities, sockets. */
const FOLLOWED = /^(clone3?|v?fork|execve(at)?|f?chdir|chroot|pivot_root|set(re|res|fs)?[ug]id(32)?|socket|accept4?)$/;
const CONTROL_GROUPS = "/sys/fs/cgroup/";
/** The file to which a process writes its pid to join the control group. */
const MEMBERS = "/cgroup.procs";
const NOTHING: World = {};

function silent(): void {
  // What is not understood in processes that do not count is no gap.
}

function finishedCall(state: State, process: Process, { name, argument, result }: ReadCall): FinishedCall {
  // Built field by field: a spread would be slower, and this runs for every call.
  return {
    name,
    argument,
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

function handle(state: State, process: Process, read: ReadCall): void {
  const call = finishedCall(state, process, read);
  const meaning = meaningOf(call.name);
  const executes = EXECUTING.has(call.name);
  if (executes && isDirectStart(state, process)) {
    process.stage = "setup";
  }
  const begins = process.stage === "setup" && executes;
  if (process.stage === "own" || (begins && !isUnwalled(state, call))) {
    recordCall(state, call, begins);
  }
  meaning.effect?.(call);
  if (succeeded(call)) {
    if (BIRTH.test(call.name)) {
      noteBirth(state, process, call);
    }
    if (executes) {
      changeStage(state, process);
    }
  }
  if (process.stage === "own") {
    noteOwn(state, process);
  }
}

function isUnwalled(state: State, call: FinishedCall): boolean {
  const path = executedPath(call);
  return path !== undefined && state.options.unwalled?.(path) === true;
}

function recordCall(state: State, call: FinishedCall, begins: boolean): void {
  const { process, result } = call;
  const action = actionOf(call, meaningOf(call.name));
  const executable = begins ? (executedPath(call) ?? "") : process.executable;
  const outcome = result.kind === "error" ? result.errno : "ok";
  state.collect.add(action, outcome, { phase: state.phase, identity: process.identity, executable });
}

/** An execve of the executor begins the setup of a process; the next one makes it the service's own. */
function changeStage(state: State, process: Process): void {
  const { belongs } = state.options;
  if (belongs === undefined) {
    return;
  }
  if (process.stage === "foreign") {
    process.stage = stageOfStart(state, process, belongs);
  } else if (process.stage === "setup") {
    beginOwnLife(state, process);
  }
}

/** Whether this is a child of the manager that has joined a control group of the unit and not yet executed anything. */
function isDirectStart({ options }: State, { stage, executable, pid, cgroup }: Process): boolean {
  const { belongs, direct } = options;
  const isChild = direct === true && stage === "foreign" && executable === "" && cgroup !== undefined;
  return isChild && belongs?.(pid, cgroup) === true;
}

function stageOfStart(state: State, process: Process, belongs: NonNullable<TraceOptions["belongs"]>): LifeStage {
  if (!isExecutor(process.executable)) {
    return "foreign";
  }
  const answer = belongs(process.pid, process.cgroup);
  if (answer === undefined) {
    state.collect.gap({ code: "unit" });
  }
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
  const child = returned(call);
  const inside = Number(numberOfValue(child) ?? 0n);
  if (inside <= 0) {
    return;
  }
  const pid = child?.kind === "process" ? child.outside : inside;
  state.family.born(parent, pid, { inside, sharesPlace: sharesPlace(call), cgroup: cgroupDescriptor(call) });
}

/** A limit, since the name comes from the trace and may be anything. */
const LONGEST_NAME = 40;

function unknownCall(name: string): Loss {
  return { code: "unknown-call", name: name.slice(0, LONGEST_NAME) };
}

/** A call that never returned was still let through. */
function endPending(state: State, process: Process): void {
  const pending = state.family.takePending(process.pid);
  if (pending === undefined || process.stage !== "own") {
    return;
  }
  const { name, argument } = pending;
  if (isSyscallName(name)) {
    handle(state, process, { name, argument, result: { kind: "no-return" } });
  } else {
    state.collect.gap(unknownCall(name));
  }
}

function misread(state: State, process: Process, name: string): void {
  if (process.stage !== "own") {
    return;
  }
  state.collect.gap(isSyscallName(name) ? { code: "call", call: name } : unknownCall(name));
}

function finish(state: State): Observation {
  const orphans = state.family.held();
  if (orphans > 0) {
    state.collect.gap({ code: "orphans" }, orphans);
  }
  for (const process of state.family.living()) {
    endPending(state, process);
  }
  return state.collect.finish();
}

/** Follows the processes of a trace; `replay` receives the events that had to wait. */
export function follow<Event, Pending extends BegunCall>(
  options: TraceOptions,
  replay: (event: Event) => void,
): Follower<Event, Pending> {
  const collect = collector(options.unit, options.host);
  const kin = family<Event, Pending>(options.belongs === undefined ? "own" : "foreign", replay);
  const state: State = { options, collect, family: kin, sockets: new Map(), own: new Map(), phase: "start" };
  return {
    member: kin.member,
    follows: (process, name) => process.stage === "own" || FOLLOWED.test(name),
    finished: (process, call) => handle(state, process, call),
    misread: (process, name) => misread(state, process, name),
    began: (process, call) => kin.setPending(process.pid, call),
    resumed: (process, name) => {
      const pending = kin.takePending(process.pid);
      if (pending?.name === name) {
        return pending;
      }
      if (process.stage === "own") {
        collect.gap({ code: "not-begun" });
      }
      return undefined;
    },
    opened: (process, descriptor, path) => {
      if (!path.startsWith(CONTROL_GROUPS)) {
        return;
      }
      kin.cgroupOpened(process.pid, descriptor, path);
      if (options.direct === true && path.endsWith(MEMBERS)) {
        process.cgroup = path.slice(0, -MEMBERS.length);
      }
    },
    abi: (process, abi) => {
      process.abi = abi;
    },
    exited: (process) => {
      endPending(state, process);
      kin.gone(process.pid);
    },
    superseded: (leader, by) => {
      kin.takePending(leader.pid);
      const pending = kin.takePending(by);
      if (pending !== undefined) {
        kin.setPending(leader.pid, pending);
      }
      kin.gone(by);
    },
    phase: (phase) => {
      state.phase = phase;
      collect.enter(phase);
    },
    own: state.own,
    collector: collect,
    finish: () => finish(state),
  };
}
