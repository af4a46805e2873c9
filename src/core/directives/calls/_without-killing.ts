/**
 * A narrower filter for a unit whose own filter kills: each call that it let through and that is refused now fails with EPERM, so that
 * code that was not seen to run is not killed. Calls are named singly, never as sets: in a set there are also calls that were killed
 * before. Facts: systemd.exec(5), "SystemCallFilter=": an answer after a colon is a call's own, in either kind of list.
 */
import { errnoNumber } from "../../kernel/errno.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import { type CallList, refusedByName } from "../call-list.ts";

/** What the unit says itself. */
interface Own {
  readonly list: CallList | undefined;
  /** SystemCallErrorNumber=. */
  readonly answer: "unset" | "kill" | number;
}

/** Whether the unit's own settings kill on a call that is refused. */
export function killsAlready({ list, answer }: Own): boolean {
  return answer === "kill" || (list !== undefined && answer === "unset");
}

/**
 * The unit's own list in which all that `wanted` does not let through is refused with EPERM, unless it was refused anyway. Where the
 * unit has no list it becomes one that denies: nothing else in it may kill.
 */
export function withoutKilling(wanted: CallList, own: CallList | undefined, machine: Abi): CallList {
  const list: CallList = own ?? { mode: "deny", calls: {} };
  const passing =
    list.mode === "allow"
      ? Object.keys(list.calls).filter((name) => list.calls[name] === "listed")
      : refusedByName(machine).filter((name) => !Object.hasOwn(list.calls, name));
  const refused = passing.filter((name) => wanted.calls[name] !== "listed");
  const eperm = errnoNumber("EPERM", machine) ?? 1;
  const calls = { ...list.calls, ...Object.fromEntries(refused.map((name) => [name, eperm])) };
  return { mode: list.mode, calls: Object.fromEntries(Object.entries(calls).sort(([a], [b]) => (a < b ? -1 : 1))) };
}
