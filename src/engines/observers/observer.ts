/** A way to observe: one folder beside this file behind one interface. What it must do stands in test/live/fixtures/observer-contract.ts. */
import type { Observation, Phase } from "../../core/action/action.ts";
import type { OwnProcess, TraceOptions } from "../../core/trace/tree/follow.ts";

/** A way to observe a tree of processes from outside. */
export interface Observer {
  readonly name: string;
  /** `calls`: what is done, and by which processes. `capabilities`: what the kernel is asked for, by processes that another observer knows. */
  readonly tells: "calls" | "capabilities";
  /** Attaches to a process and everything that it will start. Rejects with a SystemError where that fails midway. */
  readonly start: (target: ObservedTree) => Promise<Observing | Lack>;
}

/** What is observed. */
export interface ObservedTree {
  readonly leader: number;
  /** The unit, which processes are its own, and what the machine tells of paths and processes. */
  readonly trace: TraceOptions;
}

/** Why an observer cannot work here. */
export interface Lack {
  readonly kind: "lacks";
  readonly need: "root" | "strace" | "tracefs" | "tracepoint";
  readonly reason: string;
  readonly help?: string;
}

/** The service's own processes, as far as they are known. */
export type OwnProcesses = (pid: number) => OwnProcess | undefined;

/** What an observer saw; what it lost is a gap of it. */
export interface Told {
  readonly observation: Observation;
  /** Empty where the observer does not know them. */
  readonly own: ReadonlyMap<number, OwnProcess>;
}

/** An observer at work. It ends with the process that started it, and then leaves nothing, either. */
export interface Observing {
  readonly kind: "observing";
  /** Waits until what was done before is read, a moment at most. */
  readonly settle: () => Promise<void>;
  /** What is read from now on belongs to this phase. */
  readonly phase: (phase: Phase) => void;
  /** Detaches: the observed processes go on, and nothing is left. Rejects if it had ended by itself and cannot do without. */
  readonly stop: (own: OwnProcesses) => Promise<Told>;
}

/** Whoever is not root can attach to nothing. */
export function lacksRoot(): Lack | undefined {
  if (process.getuid?.() === 0) {
    return undefined;
  }
  return { kind: "lacks", need: "root", reason: "only root may watch other users' processes", help: "run it as root" };
}
