/**
 * seccomp walls by the names of calls. systemd loads one program per directive and local architecture (on x86-64: x86,
 * x32, x86-64), each of which lets every other architecture through. Facts: systemd 257, on x86-64 as it runs; for other
 * machines its code (src/shared/seccomp-util.c) made to believe that it runs there, and libseccomp 2.6. That compares
 * all 64 bits of an argument where registers and pointers have them, else the lower 32; it leaves out names that an
 * architecture lacks, and refuses a call without conditions in socketcall and ipc as well.
 */

import type { ErrnoName } from "../kernel/errno.ts";
import { localAbis } from "../kernel/syscalls/machine.ts";
import { routeOf } from "../kernel/syscalls/multiplexer.ts";
import type { Abi } from "../kernel/syscalls/syscall.ts";
import type { WallOrigin } from "../sandbox/origin.ts";
import { comparedBits } from "../seccomp/oci/conditions.ts";
import { type NamedRule, numbersOf } from "../seccomp/policy/build.ts";
import type { AbiPolicy, Condition, FilterAction, Policy, Rule } from "../seccomp/policy/policy.ts";
import type { FilterWall, UnitFacts } from "./directive.ts";

const ALLOW: FilterAction = { kind: "allow" };

/** The ABIs that systemd makes filters for on the unit's machine. */
export function abisOf({ machine }: Pick<UnitFacts, "machine">): readonly Abi[] {
  return localAbis(machine);
}

/** Fails with this error. */
export function fails(errno: ErrnoName | number): FilterAction {
  return { kind: "errno", errno };
}

/** A comparison of one argument. */
export function argument(
  index: number,
  operator: Exclude<Condition["operator"], "masked-eq">,
  value: number,
): Condition {
  return { argument: index, width: 64, operator, value: BigInt(value) };
}

/** All these bits of an argument are set. */
export function hasBits(index: number, bits: number): Condition {
  return { argument: index, width: 64, operator: "masked-eq", value: BigInt(bits), mask: BigInt(bits) };
}

/** The rules by which calls are refused that are made through socketcall or ipc; a rule for all of these goes before. */
function throughMultiplexers(rules: readonly NamedRule[], abi: Abi): readonly Rule[] {
  const width = comparedBits(abi);
  const plain = rules.filter(({ when }) => when === undefined);
  const whole = new Set(plain.flatMap(({ calls }) => numbersOf(abi, calls)));
  return plain.flatMap(({ calls, action }) =>
    calls.flatMap((call): readonly Rule[] => {
      const route = routeOf(abi, call);
      if (route === undefined || whole.has(route.number)) {
        return [];
      }
      const which: Condition = { argument: 0, width, operator: "eq", value: BigInt(route.selector) };
      return [{ calls: [route.number], when: [which], action }];
    }),
  );
}

/** What libseccomp makes of rules for one architecture: the first that matches answers. */
export function abiPolicyOf(rules: readonly NamedRule[], otherwise: FilterAction, abi: Abi): AbiPolicy {
  const width = comparedBits(abi);
  const direct = rules.map(({ calls, when = [], action }) => ({
    calls: numbersOf(abi, calls),
    when: when.map((each) => ({ ...each, width })),
    action,
  }));
  return {
    rules: [...direct.filter(({ calls }) => calls.length > 0), ...throughMultiplexers(rules, abi)],
    otherwise,
  };
}

/** A policy of the same rules on several ABIs; all else passes on ABIs that are not among them. */
export function filterPolicy(rules: readonly NamedRule[], otherwise: FilterAction, abis: readonly Abi[]): Policy {
  return { abis: Object.fromEntries(abis.map((abi) => [abi, abiPolicyOf(rules, otherwise, abi)])), foreign: ALLOW };
}

/** A filter that refuses by rules, which may be each ABI's own, and lets all else pass, also on other ABIs. */
export function filterWall(
  by: WallOrigin,
  rules: readonly NamedRule[] | ((abi: Abi) => readonly NamedRule[]),
  abis: readonly Abi[],
): FilterWall {
  const rulesOf = typeof rules === "function" ? rules : () => rules;
  const own = abis.map((abi) => [abi, abiPolicyOf(rulesOf(abi), ALLOW, abi)]);
  return { kind: "filter", by, policy: { abis: Object.fromEntries(own), foreign: ALLOW } };
}

/** These calls fail, whatever their arguments. */
export function refuseCalls(by: WallOrigin, calls: readonly string[], errno: ErrnoName, facts: UnitFacts): FilterWall {
  return filterWall(by, [{ calls, action: fails(errno) }], abisOf(facts));
}
