/**
 * The error numbers in policies. A name stands for that error on the ABI of its rule; in `foreign`, for the usual number.
 * Only mips has other numbers for those names (kernel/errno.ts).
 */
import { ERRNO, errnoNumber, hasOwnErrno } from "../../kernel/errno.ts";
import type { Abi } from "../../kernel/syscalls/syscall.ts";
import type { AbiPolicy, FilterAction, Policy } from "./policy.ts";

/** An action of one ABI in words that mean the same on all: the number where a name would have another one there. */
export function localAction(action: FilterAction, abi: Abi): FilterAction {
  if (action.kind !== "errno" || typeof action.errno === "number" || !hasOwnErrno(abi)) return action;
  return { kind: "errno", errno: errnoNumber(action.errno, abi) ?? action.errno };
}

/** An action whose error has its usual name; as a number where that is not the ABI's name for it. */
export function unnamed(action: FilterAction, abi: Abi | undefined): FilterAction {
  if (action.kind !== "errno" || typeof action.errno === "number") return action;
  return abi !== undefined && hasOwnErrno(abi) ? { kind: "errno", errno: ERRNO[action.errno] } : action;
}

/** The same policy; on ABIs with error numbers of their own all are said by number. */
export function withErrorNumbers(policy: Policy): Policy {
  const entries = Object.entries(policy.abis) as [Abi, AbiPolicy][];
  if (!entries.some(([abi]) => hasOwnErrno(abi))) return policy;
  const abis = entries.map(([abi, { rules, otherwise }]): [Abi, AbiPolicy] => [
    abi,
    {
      rules: rules.map((rule) => ({ ...rule, action: localAction(rule.action, abi) })),
      otherwise: localAction(otherwise, abi),
    },
  ]);
  return { ...policy, abis: Object.fromEntries(abis) };
}
