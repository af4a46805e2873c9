/** What a policy answers to a call: each operator beside the expression that it means. Tests src/core/seccomp/policy. */
import { expect, test } from "vitest";
import { GROUP_MEMBERS } from "../../kernel/syscalls/groups.generated.ts";
import { expandGroup } from "../../kernel/syscalls/groups.ts";
import { numberOf } from "../../kernel/syscalls/syscall.ts";
import { allowList, denyList, is32, policyOf } from "./build.ts";
import { allowedCalls, evaluate, holds, possible, strongest } from "./evaluate.ts";
import type { FilterAction } from "./policy.ts";

const EPERM: FilterAction = { kind: "errno", errno: "EPERM" };
const ALLOW: FilterAction = { kind: "allow" };

test("holds: each operator is the expression it means, on the width that it names", () => {
  const cases = [
    ["eq", (a: bigint, b: bigint) => a === b],
    ["ne", (a: bigint, b: bigint) => a !== b],
    ["lt", (a: bigint, b: bigint) => a < b],
    ["le", (a: bigint, b: bigint) => a <= b],
    ["gt", (a: bigint, b: bigint) => a > b],
    ["ge", (a: bigint, b: bigint) => a >= b],
  ] as const;
  for (const [operator, means] of cases) {
    for (const argument of [0n, 4n, 5n, 6n, 0x100000005n, 2n ** 64n - 1n]) {
      expect(holds({ argument: 0, width: 64, operator, value: 5n }, argument)).toBe(means(argument, 5n));
      expect(holds({ argument: 0, width: 32, operator, value: 5n }, argument)).toBe(means(argument & 0xffffffffn, 5n));
    }
  }
  expect(holds(is32(0, "masked-eq", 0o4000, 0o4000), 0o4755n)).toBe(true);
  expect(holds(is32(0, "masked-eq", 0o4000, 0o4000), 0o755n)).toBe(false);
  expect(holds(is32(0, "eq", 1), undefined)).toBe(undefined);
});

test("possible: an unknown argument gives every answer it could lead to", () => {
  const policy = policyOf([{ calls: ["socket"], when: [is32(0, "eq", 17)], action: EPERM }]);
  const number = numberOf("x86_64", "socket")!;
  expect(possible(policy, { abi: "x86_64", number, arguments: [] })).toEqual([EPERM, ALLOW]);
  expect(possible(policy, { abi: "x86_64", number, arguments: [17n] })).toEqual([EPERM]);
  expect(evaluate(policy, { abi: "x86_64", number, arguments: [] })).toBe(undefined);
});

test("evaluate: the first rule that matches answers, other ABIs get the foreign action", () => {
  const policy = policyOf([{ calls: ["read"], action: ALLOW }], EPERM, ["x86_64"], { kind: "kill-process" });
  const read = { abi: "x86_64", number: 0, arguments: [] } as const;
  expect(evaluate(policy, read)).toEqual(ALLOW);
  expect(evaluate(policy, { ...read, number: 1 })).toEqual(EPERM);
  expect(evaluate(policy, { ...read, abi: "i386" })).toEqual({ kind: "kill-process" });
});

test("strongest: the kernel's order, and the newest of equals", () => {
  const ordered: FilterAction[] = [
    { kind: "kill-process" },
    { kind: "kill-thread" },
    { kind: "trap", data: 0 },
    EPERM,
    { kind: "notify" },
    { kind: "trace", data: 0 },
    { kind: "log" },
    ALLOW,
  ];
  ordered.forEach((action, place) => {
    expect(strongest(ordered.slice(place).reverse())).toEqual(action);
    expect(strongest(ordered.slice(place))).toEqual(action);
  });
  expect(strongest([])).toEqual(ALLOW);
});

test("allowList: members pass, other known calls get the action, newer ones ENOSYS", () => {
  const policy = allowList(["read"], expandGroup("@known"), EPERM);
  expect(allowedCalls([policy], "x86_64")).toEqual(["read"]);
  expect(evaluate(policy, { abi: "x86_64", number: 9999, arguments: [] })).toEqual({ kind: "errno", errno: "ENOSYS" });
  expect(evaluate(policy, { abi: "x86_64", number: 1, arguments: [] })).toEqual(EPERM);
});

test("allowedCalls: only what every filter lets through", () => {
  const service = allowList(expandGroup("@system-service"), expandGroup("@known"), EPERM);
  const without = denyList(expandGroup("@resources"), EPERM);
  const left = allowedCalls([service, without], "x86_64");
  expect(left).not.toContain("setpriority");
  expect(left).toContain("openat");
  expect(Object.keys(GROUP_MEMBERS)).toContain("@resources");
});
