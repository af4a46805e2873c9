/** SystemCallErrorNumber=. Facts: systemd.exec(5): unset or `kill`, a refused call ends the process with SIGSYS (since 243). */
import { type ErrnoName, errnoNameOn, errnoNumber, isErrnoName } from "../../kernel/errno.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { scalarDirective } from "../_scalar.ts";
import type { Directive } from "../directive.ts";

/** What SystemCallFilter= answers; an error by its number on the machine. */
type Answer = "unset" | "kill" | number;

const HIGHEST = 4095;

/** An error's number on a machine from its name or digits; undefined for neither. */
export function parseErrno(text: string, machine: Abi): number | undefined {
  const number = errnoNumber(text, machine) ?? (/^\d+$/.test(text) ? Number(text) : undefined);
  return number !== undefined && number <= HIGHEST ? number : undefined;
}

/** The name of an error on a machine where there is one, else the number. */
export function showErrno(number: number, machine: Abi): string {
  return errnoNameOn(machine, number) ?? String(number);
}

/** An error as policies say it: by name where there is one. */
export function errnoOf(number: number, machine: Abi): ErrnoName | number {
  const name = errnoNameOn(machine, number);
  return name !== undefined && isErrnoName(name) ? name : number;
}

/** Killing is stricter than an error. Errors are equally strict; the smaller number is chosen so that the order does not matter. */
function stricter(a: Answer, b: Answer): Answer {
  if (a === "unset" || b === "unset") {
    return a === "unset" ? b : a;
  }
  if (a === "kill" || b === "kill") {
    return "kill";
  }
  return Math.min(a, b);
}

/** With an error a program can carry on without the call. */
export const systemCallErrorNumber: Directive<Answer> = scalarDirective<Answer>({
  name: "SystemCallErrorNumber",
  since: 209,
  group: "calls",
  summary: "Answers a refused system call with this error instead of killing the service.",
  breaks: "Nothing by itself.",
  requires: [],
  ineffective: ["It does nothing without SystemCallFilter=."],
  initial: "unset",
  parse: (text, facts) => (text === "" || text === "kill" ? "kill" : parseErrno(text, facts.machine)),
  show: (value, machine) => (typeof value === "number" ? showErrno(value, machine) : "kill"),
  meet: stricter,
  samples: ["EPERM"],
  expects: "the name or number of an error, or kill",
  door: ["SystemCallFilter"],
  walls: () => [],
  // Where the unit filters already, and kills, an error would be the milder answer.
  ladder: ({ unit }) => {
    const own = unit.setting("SystemCallErrorNumber") !== undefined;
    const withheld = own
      ? "The unit says itself how a call is refused."
      : unit.setting("SystemCallFilter") === undefined
        ? undefined
        : "The unit's own filter kills; an error in its place would be weaker.";
    const reason = "a refused call fails with EPERM, so that programs can go on without it";
    return [{ value: 1, reason, withheld }];
  },
});
