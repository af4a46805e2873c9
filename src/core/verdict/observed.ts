/** What the kernel answered to an attack, told from the records and the exit of its compiled program. */
import { PROGRAM_EXIT } from "../elf/compile-programs.ts";
import type { StepRecord } from "../elf/record.ts";
import { errnoName, errnoNumber } from "../kernel/errno.ts";
import { printCall } from "../plan/print.ts";
import { MACHINE } from "../probes/act.ts";
import type { KnownAnswer, Step } from "../probes/probe.ts";

/** How the program's process ended. */
export type RunEnding =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "killed"; readonly signal: string }
  /** It never ran, or its end was not seen. */
  | { readonly kind: "lost"; readonly reason: string };

/** One run of one attack. */
export interface Run {
  /** The records of this program's steps, without the one that begins it. */
  readonly records: readonly StepRecord[];
  /** Whether the record that begins the program was written. */
  readonly began: boolean;
  readonly ending: RunEnding;
}

/** Whether the attack got through, with what the kernel answered step by step. */
export type Observed =
  | { readonly kind: "through"; readonly evidence: string }
  /** `answer`: the error of the step that stopped it, or what killed it. */
  | { readonly kind: "stopped"; readonly step: string; readonly answer: string; readonly evidence: string }
  | {
      readonly kind: "undecided";
      readonly reason: string;
      readonly evidence: string;
      /** The service manager failed before the program ran. */
      readonly unstarted?: true;
      /** The program never ran. */
      readonly untried?: true;
    };

/** The first exit status by which systemd reports a failure before the program runs; systemd.exec(5), "Process Exit Codes". */
const SYSTEMD_EXIT = 200;

function answer(value: bigint): string {
  return value < 0n && value > -4096n ? (errnoName(Number(-value)) ?? `error ${-value}`) : value.toString();
}

/** The result of a step that waits for answers. */
function reply(value: bigint, answers: readonly KnownAnswer[]): string {
  if (value === 0n) {
    return "the other end has closed";
  }
  return answers[Number(value) - 1]?.means ?? answer(value);
}

function line({ action }: Step, said: string): string {
  return `${printCall(action.call, MACHINE.abi)} = ${said}`;
}

/** Whether a result of a step counts as getting through. */
export function getsThrough(step: Step, value: bigint): boolean {
  if (step.optional) {
    return step.unless === undefined || value !== BigInt(step.unless);
  }
  if (step.past?.some((name) => value === -BigInt(errnoNumber(name) ?? 0))) {
    return true;
  }
  return step.exactly === undefined ? value >= BigInt(step.atLeast ?? 0) : value === BigInt(step.exactly);
}

/** The outcome of a run that a signal ended: that of a filter tells the step. */
function fromKill(steps: readonly Step[], run: Run, signal: string, seen: readonly string[]): Observed {
  const next = steps[run.records.length];
  const undecided = (reason: string) => ({ kind: "undecided", reason, evidence: seen.join("; ") }) as const;
  if (signal !== "SIGSYS") {
    return undecided(`the probe was killed by ${signal}`);
  }
  if (!run.began || next === undefined) {
    return undecided("the filter killed the probe before it could report");
  }
  const killed = [...seen, line(next, "killed by SIGSYS")].join("; ");
  return next.optional
    ? { kind: "undecided", reason: "killed in a step that does not decide", evidence: killed }
    : { kind: "stopped", step: next.name, answer: "SIGSYS", evidence: killed };
}

/** The outcome of a run whose records show no failing step. */
function fromEnding(steps: readonly Step[], run: Run, seen: readonly string[]): Observed {
  const { ending } = run;
  const evidence = seen.join("; ");
  const undecided = (reason: string) => ({ kind: "undecided", reason, evidence }) as const;
  if (ending.kind === "lost") {
    return { ...undecided(ending.reason), ...(run.began ? {} : { untried: true }) };
  }
  if (ending.kind === "killed") {
    return fromKill(steps, run, ending.signal, seen);
  }
  const { status } = ending;
  if (status === PROGRAM_EXIT.through) {
    return { kind: "through", evidence: seen.length === steps.length ? evidence : "all steps, by the exit status" };
  }
  if (status === PROGRAM_EXIT.done) {
    return { ...undecided("the service manager skipped the probe: its file could not be executed"), unstarted: true };
  }
  if (status >= SYSTEMD_EXIT) {
    return { ...undecided(`the service manager could not start the probe (status ${status})`), unstarted: true };
  }
  const silent = steps[status - PROGRAM_EXIT.silent];
  if (silent === undefined) {
    return undecided(`the probe ended with status ${status}`);
  }
  const failed = line(silent, "failed, by the exit status: write is refused");
  return { kind: "stopped", step: silent.name, answer: "unseen", evidence: failed };
}

/** Judges a run by its steps; without a run the outcome is undecided. */
export function observed(steps: readonly Step[], run: Run | undefined): Observed {
  if (run === undefined) {
    return { kind: "undecided", reason: "it never ran", evidence: "", untried: true };
  }
  const seen: string[] = [];
  for (const record of run.records) {
    if (record.kind === "identity") {
      const reason = `the walls do not let the probe take on the identity (${answer(record.value)})`;
      return { kind: "undecided", reason, evidence: "" };
    }
    const step = steps[record.index];
    if (step === undefined || record.index !== seen.length) {
      return { kind: "undecided", reason: "the probe's records are out of order", evidence: seen.join("; ") };
    }
    const said = step.answers === undefined ? answer(record.value) : reply(record.value, step.answers);
    seen.push(line(step, said));
    if (!getsThrough(step, record.value)) {
      return { kind: "stopped", step: step.name, answer: said, evidence: seen.join("; ") };
    }
  }
  return fromEnding(steps, run, seen);
}
