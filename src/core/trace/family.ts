/**
 * Who is whose child in a trace. A child's first line may come before its parent's call returns and names it; then its
 * lines wait, unless only one parent comes into question. Facts: clone(2), vfork(2); order of lines of strace 6.13.
 */
import { CLONE_FLAGS } from "../kernel/clone-flags.ts";
import { childOf, firstProcess, type LifeStage, type Process } from "./process.ts";

/** A call that has begun and not yet returned. */
export interface Pending {
  readonly name: string;
  readonly rest: string;
}

/** What the return of a birth tells of the child. */
export interface Birth {
  readonly inside: number;
  readonly sharesPlace: boolean;
  /** The descriptor, in the parent, of the control group the child is put into. */
  readonly cgroup: number | undefined;
}

/** The processes of a trace. */
export interface Family {
  /** The process of a line; undefined if the line has to wait for its parent's return. */
  readonly member: (pid: number, line: string) => Process | undefined;
  readonly born: (parent: Process, pid: number, birth: Birth) => void;
  readonly gone: (pid: number) => void;
  /** A descriptor of a process stands for a control group from now on. */
  readonly cgroupOpened: (pid: number, descriptor: number, path: string) => void;
  readonly setPending: (pid: number, pending: Pending) => void;
  readonly takePending: (pid: number) => Pending | undefined;
  readonly known: (pid: number) => Process | undefined;
  readonly knownInside: (inside: number) => Process | undefined;
  readonly living: () => readonly Process[];
  /** How many lines still wait. */
  readonly held: () => number;
}

/** The calls that make a process or thread. */
export const BIRTH: RegExp = /^(clone3?|v?fork)$/;
/** Beyond this many waiting lines of one child the rest is counted, not kept. */
const MOST_WAITING = 50_000;

interface Kin {
  readonly processes: Map<number, Process>;
  readonly pending: Map<number, Pending>;
  /** Lines of children whose parent is not known yet. */
  readonly waiting: Map<number, string[]>;
  /** Parents whose call in flight already has its child. */
  readonly served: Map<number, number>;
  /** Control groups that managers hold open: process, then descriptor. */
  readonly cgroups: Map<number, Map<number, string>>;
  dropped: number;
}

/** Parents in the middle of a birth whose child is not known yet. */
function candidates(kin: Kin): readonly Process[] {
  const found: Process[] = [];
  for (const [pid, { name }] of kin.pending) {
    const process = BIRTH.test(name) && !kin.served.has(pid) ? kin.processes.get(pid) : undefined;
    if (process !== undefined) found.push(process);
  }
  return found;
}

function sharesPlaceInFlight(pending: Pending | undefined): boolean {
  const flags = /flags=([^,}]*)/.exec(pending?.rest ?? "")?.[1] ?? "";
  return /CLONE_FS/.test(flags) || flags.split("|").some((flag) => (Number(flag) & CLONE_FLAGS.CLONE_FS) !== 0);
}

/** The descriptor of the control group that a clone3 in flight puts the child into. */
function cgroupInFlight(pending: Pending | undefined): number | undefined {
  const found = /cgroup=(\d+)/.exec(pending?.rest ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}

function noKin(): Kin {
  return {
    processes: new Map(),
    pending: new Map(),
    waiting: new Map(),
    served: new Map(),
    cgroups: new Map(),
    dropped: 0,
  };
}

/** An empty family; `stage` is what a process without a parent begins with, `replay` takes the lines that waited. */
export function family(stage: LifeStage, replay: (line: string) => void): Family {
  const kin = noKin();
  const cgroupOf = (pid: number, descriptor: number | undefined): string | undefined =>
    descriptor === undefined ? undefined : kin.cgroups.get(pid)?.get(descriptor);
  const adopt = (pid: number, parent: Process): Process => {
    const pending = kin.pending.get(parent.pid);
    const child = childOf(parent, pid, sharesPlaceInFlight(pending));
    child.cgroup = cgroupOf(parent.pid, cgroupInFlight(pending));
    kin.served.set(parent.pid, pid);
    kin.processes.set(pid, child);
    return child;
  };
  const wait = (pid: number, line: string): undefined => {
    const lines = kin.waiting.get(pid) ?? [];
    kin.waiting.set(pid, lines);
    if (lines.length < MOST_WAITING) lines.push(line);
    else kin.dropped++;
  };
  const first = (pid: number): Process => {
    const process = firstProcess(pid, stage);
    kin.processes.set(pid, process);
    return process;
  };

  return {
    member: (pid, line) => {
      const known = kin.processes.get(pid);
      if (known !== undefined) return known;
      if (kin.waiting.has(pid)) return wait(pid, line);
      const parents = candidates(kin);
      if (parents.length > 1) return wait(pid, line);
      return parents[0] === undefined ? first(pid) : adopt(pid, parents[0]);
    },
    born: (parent, pid, { inside, sharesPlace, cgroup }) => {
      kin.served.delete(parent.pid);
      const known = kin.processes.get(pid);
      const child = known ?? childOf(parent, pid, sharesPlace);
      child.inside = inside;
      child.cgroup ??= cgroupOf(parent.pid, cgroup);
      kin.processes.set(pid, child);
      const lines = kin.waiting.get(pid) ?? [];
      kin.waiting.delete(pid);
      for (const line of lines) replay(line);
    },
    gone: (pid) => {
      kin.processes.delete(pid);
      kin.pending.delete(pid);
      kin.served.delete(pid);
      kin.cgroups.delete(pid);
    },
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
    known: (pid) => kin.processes.get(pid),
    knownInside: (inside) => [...kin.processes.values()].find((process) => process.inside === inside),
    living: () => [...kin.processes.values()],
    held: () => kin.dropped + [...kin.waiting.values()].reduce((sum, lines) => sum + lines.length, 0),
  };
}
