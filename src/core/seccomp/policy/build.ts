/** Builds policies from the names of calls, which is how directives state them. Facts: seccomp(2). */
import { type Abi, numberOf, X86_ABIS } from "../../kernel/syscalls/syscall.ts";
import type { AbiPolicy, Condition, FilterAction, Policy } from "./policy.ts";

const ALLOW: FilterAction = { kind: "allow" };

/** One rule by name: these calls get `action` when all conditions hold (none: always). */
export interface NamedRule {
  readonly calls: readonly string[];
  readonly when?: readonly Condition[];
  readonly action: FilterAction;
}

/** The numbers of calls on an ABI; names that it lacks are left out, as systemd leaves them out. */
export function numbersOf(abi: Abi, calls: readonly string[]): readonly number[] {
  return calls.map((call) => numberOf(abi, call)).filter((number) => number !== undefined);
}

/**
 * A policy of ordered rules for each ABI; rules without any call of that ABI are left out. ABIs not listed get `foreign`.
 */
export function policyOf(
  rules: readonly NamedRule[],
  otherwise: FilterAction = ALLOW,
  abis: readonly Abi[] = X86_ABIS,
  foreign: FilterAction = ALLOW,
): Policy {
  const entries = abis.map((abi): readonly [Abi, AbiPolicy] => {
    const numbered = rules.map((rule) => ({
      calls: numbersOf(abi, rule.calls),
      when: rule.when ?? [],
      action: rule.action,
    }));
    return [abi, { rules: numbered.filter((rule) => rule.calls.length > 0), otherwise }];
  });
  return { abis: Object.fromEntries(entries), foreign };
}

/**
 * A deny list: these calls get `action`, all others pass.
 *
 * @example
 * import { denyList, evaluate, numberOf } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" });
 * const number = numberOf("i386", "reboot");
 * assert.deepEqual(evaluate(policy, { abi: "i386", number, arguments: [] }), { kind: "errno", errno: "EPERM" });
 */
export function denyList(calls: readonly string[], action: FilterAction, abis: readonly Abi[] = X86_ABIS): Policy {
  return policyOf([{ calls, action }], ALLOW, abis);
}

/**
 * An allow list: these calls pass, other `known` ones get `action`, and calls newer than both get ENOSYS, as in
 * systemd.
 */
export function allowList(
  calls: readonly string[],
  known: readonly string[],
  action: FilterAction,
  abis: readonly Abi[] = X86_ABIS,
): Policy {
  const rules: readonly NamedRule[] = [
    { calls, action: ALLOW },
    { calls: known, action },
  ];
  return policyOf(rules, { kind: "errno", errno: "ENOSYS" }, abis);
}

/** A test of the low 32 bits of an argument, all that the kernel reads of an `int`. */
export function is32(
  argument: number,
  operator: Condition["operator"],
  value: number | bigint,
  mask?: number | bigint,
): Condition {
  const condition: Condition = { argument, width: 32, operator, value: BigInt(value) };
  return mask === undefined ? condition : { ...condition, mask: BigInt(mask) };
}
