/** Signals by name and number. Facts: asm/signal.h of x86, whose numbers all but mips use, and of mips; signal(7). */
import type { Abi } from "./syscalls/table.ts";

/** Name → number of the standard signals. */
export const SIGNALS = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

const { SIGSTKFLT: _, ...COMMON } = SIGNALS;

const MIPS = {
  ...COMMON,
  SIGBUS: 10,
  SIGUSR1: 16,
  SIGUSR2: 17,
  SIGCHLD: 18,
  SIGPWR: 19,
  SIGWINCH: 20,
  SIGURG: 21,
  SIGIO: 22,
  SIGSTOP: 23,
  SIGTSTP: 24,
  SIGCONT: 25,
  SIGTTIN: 26,
  SIGTTOU: 27,
  SIGVTALRM: 28,
  SIGPROF: 29,
  SIGXCPU: 30,
  SIGXFSZ: 31,
  SIGSYS: 12,
};

/** The standard signals as an ABI numbers them. */
export function signalsOf(abi: Abi): Readonly<Record<string, number>> {
  return abi.startsWith("mips") ? MIPS : SIGNALS;
}

/** The name of a standard signal. */
export type SignalName = keyof typeof SIGNALS;

const NUMBERS: ReadonlyMap<string, number> = new Map([...Object.entries(SIGNALS), ["SIGPOLL", 29], ["SIGIOT", 6]]);
const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(SIGNALS).map(([name, number]) => [number, name]));

/** The number of a signal's name (with SIG, aliases included); undefined if there is none. */
export function signalNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}

/** The name of a signal number; undefined for 0 and the real-time signals. */
export function signalName(number: number): SignalName | undefined {
  return NAMES.get(number) as SignalName | undefined;
}
