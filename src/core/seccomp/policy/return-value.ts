/** A policy's actions as the values that a filter returns, and back. Values: include/uapi/linux/seccomp.h. */
import { MAX_ERRNO, meaningOf, type ReturnMeaning, valueOfMeaning } from "../../bpf/return-value.ts";
import { ERRNO, errnoName, errnoNameOn, isErrnoName } from "../../kernel/errno.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import type { FilterAction } from "./policy.ts";

function meaningOfAction(action: FilterAction): ReturnMeaning {
  switch (action.kind) {
    case "kill-process":
      return { action: "KILL_PROCESS", data: 0 };
    case "kill-thread":
      return { action: "KILL_THREAD", data: 0 };
    case "trap":
      return { action: "TRAP", data: action.data };
    case "errno": {
      const number = typeof action.errno === "number" ? action.errno : ERRNO[action.errno];
      return { action: "ERRNO", data: Math.min(number, MAX_ERRNO) };
    }
    case "notify":
      return { action: "USER_NOTIF", data: 0 };
    case "trace":
      return { action: "TRACE", data: action.data };
    case "log":
      return { action: "LOG", data: 0 };
    case "allow":
      return { action: "ALLOW", data: 0 };
  }
}

/**
 * The value that a filter returns for an action; an error's name means its usual number (error-numbers.ts has those of
 * other ABIs), and data are truncated to sixteen bits.
 */
export function valueOfAction(action: FilterAction): number {
  return valueOfMeaning(meaningOfAction(action));
}

function nameOfErrno(number: number, abi: Abi | undefined): FilterAction & { readonly kind: "errno" } {
  const name = abi === undefined ? errnoName(number) : errnoNameOn(abi, number);
  return { kind: "errno", errno: name !== undefined && isErrnoName(name) ? name : number };
}

/** The action that the kernel takes on a value; an error number gets its name, if any, on the given ABI. */
export function actionOfValue(value: number, abi?: Abi): FilterAction {
  const { action, data } = meaningOf(value);
  switch (action) {
    case "KILL_PROCESS":
      return { kind: "kill-process" };
    case "KILL_THREAD":
      return { kind: "kill-thread" };
    case "TRAP":
      return { kind: "trap", data };
    case "ERRNO":
      return nameOfErrno(data, abi);
    case "USER_NOTIF":
      return { kind: "notify" };
    case "TRACE":
      return { kind: "trace", data };
    case "LOG":
      return { kind: "log" };
    case "ALLOW":
      return { kind: "allow" };
  }
}

/** The normal form of a return value: two values have the same effect exactly if their normal forms are equal. */
export function effectOf(value: number): number {
  return valueOfMeaning(meaningOf(value));
}
