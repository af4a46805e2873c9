/** Signals by name and number. Facts: asm/signal.h of x86, signal(7); ARM and RISC-V are equal. */

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

/** The name of a standard signal. */
export type SignalName = keyof typeof SIGNALS;

const numbers: ReadonlyMap<string, number> = new Map([...Object.entries(SIGNALS), ["SIGPOLL", 29], ["SIGIOT", 6]]);
const names: ReadonlyMap<number, string> = new Map(Object.entries(SIGNALS).map(([name, number]) => [number, name]));

/** The number of a signal's name (with SIG, aliases included); undefined if there is none. */
export function signalNumber(name: string): number | undefined {
  return numbers.get(name);
}

/** The name of a signal number; undefined for 0 and the real-time signals. */
export function signalName(number: number): SignalName | undefined {
  return names.get(number) as SignalName | undefined;
}
