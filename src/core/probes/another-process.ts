/** What probes do to another process, whichever it is: the calls, with what each needs. */
import type { Need, ProcessFacts } from "../action/action.ts";
import { call, number, openStep, readStep, step } from "./act.ts";
import type { Machine, NotApplicable, Step, Twin } from "./probe.ts";

/** The process that is aimed at. */
export interface Aim {
  readonly pid: number;
  readonly process: ProcessFacts;
}

const PTRACE_SEIZE = 0x4206;

/**
 * What entering the mount namespace of another process asks for beside that one may look into the process: CAP_SYS_ADMIN towards its
 * owner, and in one's own user namespace that and CAP_SYS_CHROOT. Facts: mntns_install() in the kernel's fs/namespace.c.
 */
export const MAY_ENTER: readonly Need[] = [
  { kind: "capability", capability: "CAP_SYS_ADMIN", over: "init" },
  { kind: "capability", capability: "CAP_SYS_CHROOT", over: "own" },
];

/** That the service is not PID 1 itself, as in a PID namespace of its own: what is aimed at PID 1 would meet itself. */
export function notPidOneStep(): Step {
  return step("pid", call("getpid"), [], { optional: true, unless: 1 });
}

/** Signal 0, which only asks for the permission. Facts: kill(2). */
export function signalSteps({ pid, process }: Aim): readonly Step[] {
  return [
    step("kill", call("kill", number(pid), number(0)), [{ kind: "process", operation: "signal", target: process }]),
  ];
}

/** Attaching without stopping it; the kernel lets go when the probe ends. Facts: ptrace(2). */
export function seizeSteps({ pid, process }: Aim): readonly Step[] {
  const seize = call("ptrace", number(PTRACE_SEIZE), number(pid), number(0), number(0));
  return [step("seize", seize, [{ kind: "process", operation: "trace", target: process }])];
}

/** Reading its environment. Facts: proc_pid_environ(5), "Ptrace access mode checking" in ptrace(2). */
export function environmentSteps(machine: Machine, { pid, process }: Aim): readonly Step[] {
  const needs = [{ kind: "process", operation: "inspect", target: process }] as const;
  return [
    openStep(machine, `/proc/${pid}/environ`, "read", { place: "/proc/[pid]/environ", process, needs }),
    readStep(),
  ];
}

/** A descriptor of it, for steps that take it from `open`. Anybody gets one: pidfd_open(2). */
export function pidDescriptorStep({ pid }: Aim): Step {
  return step("open", call("pidfd_open", number(pid), number(0)));
}

/** The steps against the neighbour of the same user, where there is one. */
export function againstTwin(
  { twin }: Machine,
  steps: (twin: Twin) => readonly Step[],
): readonly Step[] | NotApplicable {
  return twin === undefined ? { notApplicable: "the user is transient, so that no other service is it" } : steps(twin);
}
