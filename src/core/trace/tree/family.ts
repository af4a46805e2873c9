/**
 * Who is whose child in a trace. A child's first event may precede the return of its parent's call, which names the child;
 * its events then wait, unless only one parent is possible. Facts: clone(2), vfork(2); order of lines of strace 6.13.
 */
import { CLONE_FLAGS } from "../../kernel/clone-flags.ts";
import type { BegunCall } from "../call/call.ts";
import { childOf, firstProcess, type LifeStage, type Process } from "../call/process.ts";
import { fieldOf, numberOfValue } from "../call/value.ts";
import { cloneFlags } from "../meanings/processes.ts";

/** What the return of a fork or clone tells of the child. */
export interface Birth {
  readonly inside: number;
  readonly sharesPlace: boolean;
  /** The parent's descriptor of the control group that the child is put into. */
  readonly cgroup: number | undefined;
}

/** The processes of a trace with their pending calls. `Event` is whatever a reader takes as input. */
export interface Family<Event, Pending extends BegunCall> {
  /** The process of an event; undefined if the event has to wait for its parent's return. */
  readonly member: (pid: number, event: Event) => Process | undefined;
  readonly born: (parent: Process, pid: number, birth: Birth) => void;
  readonly gone: (pid: number) => void;
  /** From now on a descriptor of a process refers to a control group. */
  readonly cgroupOpened: (pid: number, descriptor: number, path: string) => void;
  readonly setPending: (pid: number, pending: Pending) => void;
  readonly takePending: (pid: number) => Pending | undefined;
  /** The process of a pid; after its end too, until the pid is seen again for another. */
  readonly known: (pid: number) => Process | undefined;
  readonly knownInside: (inside: number) => Process | undefined;
  readonly living: () => readonly Process[];
  /** How many events still wait. */
  readonly held: () => number;
}

/** The calls that make a process or thread. */
export const BIRTH: RegExp = /^(clone3?|v?fork)$/;
/** How many waiting events of one child are kept; any more are only counted. */
const MOST_WAITING = 50_000;

interface Kin<Event, Pending> {
  readonly processes: Map<number, Process>;
  /** Processes that have ended: a call that targets one may be read only after its end. */
  readonly ended: Ended;
  readonly pending: Map<number, Pending>;
  /** Events of children whose parent is not known yet. */
  readonly waiting: Map<number, Event[]>;
  /** Parents whose pending call already has its child: parent, then child. */
  readonly served: Map<number, number>;
  /** Control groups that managers hold open: process, then descriptor. */
  readonly cgroups: Map<number, Map<number, string>>;
  dropped: number;
}

/** At most one process for each pid, both as the tracer and as the process sees it. */
interface Ended {
  readonly byPid: Map<number, Process>;
  readonly byInside: Map<number, Process>;
}

function forget({ byPid, byInside }: Ended, process: Process | undefined): void {
  if (process === undefined) {
    return;
  }
  byPid.delete(process.pid);
  if (process.inside !== undefined && byInside.get(process.inside) === process) {
    byInside.delete(process.inside);
  }
}

function keepEnded(ended: Ended, process: Process): void {
  forget(ended, ended.byPid.get(process.pid));
  ended.byPid.set(process.pid, process);
  if (process.inside !== undefined) {
    ended.byInside.set(process.inside, process);
  }
}

/** Parents with a pending fork or clone whose child is not known yet. */
function candidates(kin: Kin<unknown, BegunCall>): readonly Process[] {
  const found: Process[] = [];
  for (const [pid, { name }] of kin.pending) {
    const process = BIRTH.test(name) && !kin.served.has(pid) ? kin.processes.get(pid) : undefined;
    if (process !== undefined) {
      found.push(process);
    }
  }
  return found;
}

/** Whether a finished or pending fork or clone lets the child share root and working directory with its parent. */
export function sharesPlace(birth: BegunCall | undefined): boolean {
  const flags = birth?.name.startsWith("clone") ? cloneFlags(birth) : undefined;
  return ((flags ?? 0) & CLONE_FLAGS.CLONE_FS) !== 0;
}

/** The descriptor of the control group into which a clone3 puts the child. */
export function cgroupDescriptor(birth: BegunCall | undefined): number | undefined {
  const found = birth?.name === "clone3" ? numberOfValue(fieldOf(birth.argument(0), "cgroup")) : undefined;
  return found === undefined ? undefined : Number(found);
}

function noKin<Event, Pending>(): Kin<Event, Pending> {
  return {
    processes: new Map(),
    ended: { byPid: new Map(), byInside: new Map() },
    pending: new Map(),
    waiting: new Map(),
    served: new Map(),
    cgroups: new Map(),
    dropped: 0,
  };
}

/** Registers a process under its pids and forgets an ended one that had them before. */
function enter(kin: Kin<unknown, unknown>, process: Process): Process {
  const { byPid, byInside } = kin.ended;
  forget(kin.ended, byPid.get(process.pid));
  if (process.inside !== undefined) {
    forget(kin.ended, byInside.get(process.inside));
  }
  kin.processes.set(process.pid, process);
  return process;
}

function wait<Event>(kin: Kin<Event, unknown>, pid: number, event: Event): undefined {
  const events = kin.waiting.get(pid) ?? [];
  kin.waiting.set(pid, events);
  if (events.length < MOST_WAITING) {
    events.push(event);
  } else {
    kin.dropped++;
  }
}

/** Moves a process to those that have ended, where its pid still finds it. */
function leave(kin: Kin<unknown, unknown>, pid: number): void {
  const process = kin.processes.get(pid);
  if (process !== undefined) {
    keepEnded(kin.ended, process);
  }
  kin.processes.delete(pid);
  kin.pending.delete(pid);
  kin.served.delete(pid);
  kin.cgroups.delete(pid);
}

/** Whether a child had ended already when its parent's fork returned. */
function hasEnded(kin: Kin<unknown, unknown>, parent: Process, pid: number, inside: number): boolean {
  const ended = kin.served.get(parent.pid) === pid ? kin.ended.byPid.get(pid) : undefined;
  if (ended === undefined) {
    return false;
  }
  ended.inside = inside;
  keepEnded(kin.ended, ended);
  return true;
}

/** An empty family; `stage` is the first stage of a process without a known parent, `replay` takes the events that waited. */
export function family<Event, Pending extends BegunCall>(
  stage: LifeStage,
  replay: (event: Event) => void,
): Family<Event, Pending> {
  const kin = noKin<Event, Pending>();
  const cgroupOf = (pid: number, descriptor: number | undefined): string | undefined =>
    descriptor === undefined ? undefined : kin.cgroups.get(pid)?.get(descriptor);
  const adopt = (pid: number, parent: Process): Process => {
    const pending = kin.pending.get(parent.pid);
    const child = childOf(parent, pid, sharesPlace(pending));
    child.cgroup = cgroupOf(parent.pid, cgroupDescriptor(pending));
    kin.served.set(parent.pid, pid);
    return enter(kin, child);
  };
  const first = (pid: number): Process => enter(kin, firstProcess(pid, stage));

  return {
    member: (pid, event) => {
      const known = kin.processes.get(pid);
      if (known !== undefined) {
        return known;
      }
      if (kin.waiting.has(pid)) {
        return wait(kin, pid, event);
      }
      const parents = candidates(kin);
      if (parents.length > 1) {
        return wait(kin, pid, event);
      }
      return parents[0] === undefined ? first(pid) : adopt(pid, parents[0]);
    },
    born: (parent, pid, { inside, sharesPlace: shares, cgroup }) => {
      const late = hasEnded(kin, parent, pid, inside);
      kin.served.delete(parent.pid);
      if (late) {
        return;
      }
      const child = kin.processes.get(pid) ?? childOf(parent, pid, shares);
      child.inside = inside;
      child.cgroup ??= cgroupOf(parent.pid, cgroup);
      enter(kin, child);
      const events = kin.waiting.get(pid) ?? [];
      kin.waiting.delete(pid);
      for (const event of events) {
        replay(event);
      }
    },
    gone: (pid) => leave(kin, pid),
    cgroupOpened: (pid, descriptor, path) => {
      const open = kin.cgroups.get(pid) ?? new Map<number, string>();
      kin.cgroups.set(pid, open.set(descriptor, path));
    },
    setPending: (pid, pending) => {
      kin.pending.set(pid, pending);
    },
    takePending: (pid) => {
      const pending = kin.pending.get(pid);
      kin.pending.delete(pid);
      return pending;
    },
    known: (pid) => kin.processes.get(pid) ?? kin.ended.byPid.get(pid),
    knownInside: (inside) =>
      [...kin.processes.values()].find((process) => process.inside === inside) ?? kin.ended.byInside.get(inside),
    living: () => [...kin.processes.values()],
    held: () => kin.dropped + [...kin.waiting.values()].reduce((sum, events) => sum + events.length, 0),
  };
}
