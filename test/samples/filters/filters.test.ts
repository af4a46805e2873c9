/**
 * Ten policies and the filters that they become, as listings for a person to read and to compare after a change. What
 * they mean is proved elsewhere; here it is seen how they say it.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { disassemble } from "../../../src/core/bpf/disassemble.ts";
import { expandGroup } from "../../../src/core/kernel/syscalls/groups.ts";
import type { Abi } from "../../../src/core/kernel/syscalls/syscall.ts";
import { compile } from "../../../src/core/seccomp/compile/compile.ts";
import { allowList, denyList, is32, policyOf } from "../../../src/core/seccomp/policy/build.ts";
import type { FilterAction, Policy } from "../../../src/core/seccomp/policy/policy.ts";

const EPERM: FilterAction = { kind: "errno", errno: "EPERM" };
const ALLOW: FilterAction = { kind: "allow" };
const KILL: FilterAction = { kind: "kill-process" };
const native: readonly Abi[] = ["x86_64"];
const socket = (when: Parameters<typeof is32>[1], value: number) => ({
  calls: ["socket"],
  when: [is32(0, when, value)],
  action: EPERM,
});

const policies: Readonly<Record<string, Policy>> = {
  "one-call-denied": denyList(["swapon"], EPERM, native),
  "clock-denied-on-three-abis": denyList(["clock_settime", "adjtimex"], EPERM, ["x86_64", "i386", "x32"]),
  "four-calls-allowed": policyOf(
    [{ calls: ["read", "write", "exit", "rt_sigreturn"], action: ALLOW }],
    KILL,
    native,
    KILL,
  ),
  "system-service": allowList(expandGroup("@system-service"), expandGroup("@known"), EPERM, native),
  "one-family": policyOf([socket("ne", 1)], ALLOW, native),
  "a-range-of-families": policyOf([socket("lt", 1), socket("gt", 10)], ALLOW, native),
  "no-new-namespaces": policyOf(
    [{ calls: ["clone", "unshare"], when: [is32(0, "masked-eq", 0x10000000, 0x10000000)], action: EPERM }],
    ALLOW,
    native,
  ),
  "executable-memory": policyOf(
    [
      { calls: ["mmap"], when: [is32(2, "masked-eq", 6, 6)], action: EPERM },
      { calls: ["mprotect"], when: [is32(2, "masked-eq", 4, 4)], action: EPERM },
    ],
    ALLOW,
    native,
  ),
  "a-64-bit-length": policyOf(
    [{ calls: ["read"], when: [{ argument: 2, width: 64, operator: "gt", value: 0x1_0000_0000n }], action: EPERM }],
    ALLOW,
    native,
  ),
  "big-endian": policyOf([socket("ne", 1)], ALLOW, ["s390x"]),
};

test.each(Object.keys(policies))("the filter of %s", async (name) => {
  const policy = policies[name]!;
  const compiled = compile(policy);
  expect(compiled.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (!compiled.ok) {
    return;
  }
  const abi = Object.keys(policy.abis)[0] as Abi;
  const text = disassemble(compiled.value.program, { littleEndian: compiled.value.littleEndian, abi });
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "golden", `${name}.txt`));
});
