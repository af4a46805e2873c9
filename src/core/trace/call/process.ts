/** What a reader of a trace remembers of each process: fork(2), clone(2), chdir(2), chroot(2), credentials(7). */

import type { Identity } from "../../action/action.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";

/** Root and working directory, shared with CLONE_FS (as by threads). Both are relative to the root of the mount namespace. */
export interface Whereabouts {
  root: string;
  /** Undefined until the trace reveals it: a trace may begin at any point. */
  directory: string | undefined;
}

/** `foreign`: not part of the service. `setup`: the manager's helper that builds the walls. `own`: the service itself. */
export type LifeStage = "foreign" | "setup" | "own";

/** Whether a program is the manager's helper that builds the walls, executed by name or through a descriptor kept open. */
export function isExecutor(path: string): boolean {
  return /\/systemd-executor$|^\/proc\/self\/fd\/\d+$/.test(path);
}

/** A process or thread. */
export interface Process {
  readonly pid: number;
  stage: LifeStage;
  place: Whereabouts;
  identity: Identity;
  executable: string;
  abi: Abi;
  /** Its pid as it sees it itself, once known. */
  inside: number | undefined;
  /** The control group it was born into, if the trace tells. */
  cgroup: string | undefined;
}

/** The first process of a trace: taken to be root until the trace shows otherwise; a system manager's directory is `/`. */
export function firstProcess(pid: number, stage: LifeStage): Process {
  return {
    pid,
    stage,
    place: { root: "/", directory: stage === "foreign" ? "/" : undefined },
    identity: { uid: 0, gid: 0 },
    executable: "",
    abi: "x86_64",
    inside: undefined,
    cgroup: undefined,
  };
}

/** What a new process inherits; `sharesPlace` for CLONE_FS. */
export function childOf(parent: Process, pid: number, sharesPlace: boolean): Process {
  return {
    ...parent,
    pid,
    place: sharesPlace ? parent.place : { ...parent.place },
    inside: undefined,
    cgroup: undefined,
  };
}
