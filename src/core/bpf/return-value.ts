/**
 * What a filter's return value means: an action in the upper sixteen bits, data in the lower ones.
 * Values: include/uapi/linux/seccomp.h; meaning of others: __seccomp_filter of kernel/seccomp.c; seccomp(2).
 */
import { errnoNumber } from "../kernel/errno.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";

/** The actions by their names in the kernel's header, without SECCOMP_RET_. */
export const RETURN_ACTIONS = {
  KILL_PROCESS: 0x80000000,
  KILL_THREAD: 0x00000000,
  TRAP: 0x00030000,
  ERRNO: 0x00050000,
  USER_NOTIF: 0x7fc00000,
  TRACE: 0x7ff00000,
  LOG: 0x7ffc0000,
  ALLOW: 0x7fff0000,
} as const;

/** The name of an action. */
export type ReturnAction = keyof typeof RETURN_ACTIONS;

/** What a value makes the kernel do. `data` is 0 where the action has none. */
export interface ReturnMeaning {
  readonly action: ReturnAction;
  readonly data: number;
}

const BY_VALUE: ReadonlyMap<number, ReturnAction> = new Map(
  (Object.entries(RETURN_ACTIONS) as readonly (readonly [ReturnAction, number])[]).map(([name, value]) => [
    value,
    name,
  ]),
);

/** The largest error number; ERRNO with a larger one gives this one (MAX_ERRNO of include/linux/err.h). */
export const MAX_ERRNO = 4095;

const WITH_DATA: ReadonlySet<ReturnAction> = new Set(["TRAP", "ERRNO", "TRACE"]);

/**
 * What the kernel does with a return value: an unknown action kills the process, an error number above 4095 counts as
 * 4095, and the data of an action that takes none are ignored.
 */
export function meaningOf(value: number): ReturnMeaning {
  const action = BY_VALUE.get((value & 0xffff0000) >>> 0) ?? "KILL_PROCESS";
  const data = WITH_DATA.has(action) ? value & 0xffff : 0;
  return { action, data: action === "ERRNO" ? Math.min(data, MAX_ERRNO) : data };
}

/** A meaning as one word: `ALLOW`, `ERRNO(38)`, `TRAP(0)`. */
export function meaningText({ action, data }: ReturnMeaning): string {
  return WITH_DATA.has(action) ? `${action}(${data})` : action;
}

/** The value for a meaning, as a compiler would write it. */
export function valueOfMeaning({ action, data }: ReturnMeaning): number {
  return (RETURN_ACTIONS[action] | (WITH_DATA.has(action) ? data & 0xffff : 0)) >>> 0;
}

/**
 * A return value as text that reads back as the same value: its meaning if the value is the usual one for it, otherwise
 * hexadecimal (`0x7fff0001`).
 *
 * @example
 * import { returnText } from "cloison";
 * import assert from "node:assert";
 * assert.equal(returnText(0x00050026), "ERRNO(38)");
 * assert.equal(returnText(0x7fff0001), "0x7fff0001");
 */
export function returnText(value: number): string {
  const meaning = meaningOf(value);
  return valueOfMeaning(meaning) === value ? meaningText(meaning) : `0x${value.toString(16)}`;
}

/**
 * Reads `ALLOW`, `ERRNO(38)`, `ERRNO(EPERM)` (by the ABI's error numbers, if given), `TRAP` (0); undefined for other
 * text.
 */
export function returnOfText(text: string, abi?: Abi): number | undefined {
  const error = errnoNumber(/^ERRNO\(([A-Z0-9]+)\)$/.exec(text)?.[1] ?? "", abi);
  if (error !== undefined) {
    return valueOfMeaning({ action: "ERRNO", data: error });
  }
  const [, name, digits] = /^([A-Z_]+)(?:\((\d{1,5})\))?$/.exec(text) ?? [];
  if (name === undefined || !Object.hasOwn(RETURN_ACTIONS, name)) {
    return undefined;
  }
  const action = name as ReturnAction;
  if (digits !== undefined && (!WITH_DATA.has(action) || Number(digits) > 0xffff)) {
    return undefined;
  }
  return valueOfMeaning({ action, data: Number(digits ?? 0) });
}
