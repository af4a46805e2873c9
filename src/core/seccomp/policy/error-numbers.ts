/**
 * The error numbers in policies. A name stands for that error on the ABI of its rule; in `foreign`, for the usual number.
 * Only mips has other numbers for those names (kernel/errno.ts).
 */
import { ERRNO, errnoNumber, hasOwnErrno } from "../../kernel/errno.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import type { AbiPolicy, FilterAction, Policy } from "./policy.ts";

/** An ABI's action in a form that means the same on all: by number where the ABI's error numbers differ. */
export function localAction(action: FilterAction, abi: Abi): FilterAction {
  if (action.kind !== "errno" || typeof action.errno === "number" || !hasOwnErrno(abi)) {
    return action;
  }
  return { kind: "errno", errno: errnoNumber(action.errno, abi) ?? action.errno };
}

/** Turns an error's name back into its usual number on an ABI whose numbers differ. */
export function unnamed(action: FilterAction, abi: Abi | undefined): FilterAction {
  if (action.kind !== "errno" || typeof action.errno === "number") {
    return action;
  }
  return abi !== undefined && hasOwnErrno(abi) ? { kind: "errno", errno: ERRNO[action.errno] } : action;
}

/** The same policy, with errors by number on ABIs that have error numbers of their own. */
export function withErrorNumbers(policy: Policy): Policy {
  const entries = Object.entries(policy.abis) as [Abi, AbiPolicy][];
  if (!entries.some(([abi]) => hasOwnErrno(abi))) {
    return policy;
  }
  const abis = entries.map(([abi, { rules, otherwise }]): [Abi, AbiPolicy] => [
    abi,
    {
      rules: rules.map((rule) => ({ ...rule, action: localAction(rule.action, abi) })),
      otherwise: localAction(otherwise, abi),
    },
  ]);
  return { ...policy, abis: Object.fromEntries(abis) };
}
