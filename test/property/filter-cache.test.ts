/**
 * Since Linux 5.11 the kernel skips a filter for calls that it can tell are always allowed. Compiled filters must let it tell.
 * The kernel's rules are those of `bpf/cache.ts`. CLOISON_RUNS=n tries more.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cacheableNumbers, constancy } from "../../src/core/bpf/cache.ts";
import { emulate } from "../../src/core/bpf/emulate.ts";
import { type Abi, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { compile } from "../../src/core/seccomp/compile/compile.ts";
import { allowList } from "../../src/core/seccomp/policy/build.ts";
import type { Policy } from "../../src/core/seccomp/policy/policy.ts";
import { policy } from "./random-policy.ts";

/** Whether a number is allowed whatever its arguments, by the first rule that names it or else by the default. */
function alwaysAllows(rules: Policy, abi: Abi, number: number): boolean {
  const own = rules.abis[abi];
  const first = own?.rules.find(({ calls }) => calls.includes(number));
  const action = first === undefined ? own?.otherwise : first.action;
  return (first?.when.length ?? 0) === 0 && action?.kind === "allow";
}

test("a call that a policy always allows is one that the kernel need not ask the filter about", () => {
  let count = 0;
  fc.assert(
    fc.property(policy(["x86_64", "i386"], 3), fc.constantFrom("size" as const, "speed" as const), (rules, goal) => {
      const made = compile(rules, { goal });
      if (!made.ok) {
        throw new Error(JSON.stringify(made.diagnostics));
      }
      for (const abi of ["x86_64", "i386"] as const) {
        for (const number of cacheableNumbers(abi)) {
          if (!alwaysAllows(rules, abi, number)) {
            continue;
          }
          const { audit } = tableOf(abi);
          expect(constancy(made.value.program, audit, number)).toEqual({ kind: "constant" });
          count += 1;
        }
      }
    }),
    { numRuns: Number(process.env.CLOISON_RUNS ?? 25) },
  );
  expect(count).toBeGreaterThan(0);
});

test("with a profile, of calls that are asked for equally often those come first at which the filter really runs", () => {
  const { numbers, audit } = tableOf("x86_64");
  const names = Object.keys(numbers).filter((_, place) => place % 3 === 0);
  const logged = names.filter((_, place) => place % 10 === 0);
  const allowed = allowList(names, [], { kind: "errno", errno: "EPERM" }, ["x86_64"]);
  const own = allowed.abis.x86_64!;
  const rule = { calls: logged.map((name) => numbers[name]!), when: [], action: { kind: "log" } as const };
  const rules: Policy = { ...allowed, abis: { x86_64: { ...own, rules: [rule, ...own.rules] } } };
  const profile = { x86_64: new Map(names.map((name) => [numbers[name]!, 10])) };
  const mean = (program: Parameters<typeof emulate>[0], calls: readonly string[]): number => {
    const steps = calls.map((name) => emulate(program, { arch: audit, nr: numbers[name]! }));
    return steps.reduce((sum, each) => sum + (each.kind === "return" ? each.steps : 0), 0) / calls.length;
  };
  const [plain, profiled] = [compile(rules), compile(rules, { profile })];
  if (!plain.ok || !profiled.ok) {
    throw new Error("not compiled");
  }
  const cached = names.filter((name) => !logged.includes(name));
  expect(mean(profiled.value.program, logged)).toBeLessThan(mean(profiled.value.program, cached));
  expect(mean(profiled.value.program, logged)).toBeLessThan(mean(plain.value.program, logged));
});
