/**
 * seccomp walls by the names of calls. systemd loads one program per directive and local architecture (on x86-64: x86,
 * x32, x86-64), each of which lets every other architecture through. Facts: systemd 257, measured; libseccomp compares
 * all 64 bits of an argument on x86-64, the lower 32 on x86 and x32.
 */
import type { ErrnoName } from "../kernel/errno.ts";
import { type Abi, X86_ABIS } from "../kernel/syscalls/syscall.ts";
import type { Wall } from "../sandbox/wall.ts";
import { type NamedRule, policyOf } from "../seccomp/build.ts";
import type { Condition, FilterAction } from "../seccomp/policy.ts";

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

function narrowed(rules: readonly NamedRule[]): readonly NamedRule[] {
  return rules.map((rule) =>
    rule.when === undefined ? rule : { ...rule, when: rule.when.map((each) => ({ ...each, width: 32 }) as const) },
  );
}

/** A filter that refuses by these rules and lets all else pass, also on other ABIs. */
export function filterWall(by: string, rules: readonly NamedRule[], abis: readonly Abi[] = X86_ABIS): Wall {
  const allow: FilterAction = { kind: "allow" };
  const parts = abis.map((abi) => policyOf(abi === "x86_64" ? rules : narrowed(rules), allow, [abi]).abis);
  return { kind: "filter", by, policy: { abis: Object.assign({}, ...parts), foreign: allow } };
}

/** These calls fail, whatever their arguments. */
export function refuseCalls(by: string, calls: readonly string[], errno: ErrnoName): Wall {
  return filterWall(by, [{ calls, action: fails(errno) }]);
}
