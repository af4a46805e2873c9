/** Compiled filters against the policy evaluator, which knows nothing of diagrams, and against their proof. RUNS=n tries more. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { emulate } from "../../src/core/bpf/emulate.ts";
import type { Abi } from "../../src/core/kernel/syscalls/syscall.ts";
import { tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { compile } from "../../src/core/seccomp/compile.ts";
import { possible } from "../../src/core/seccomp/evaluate.ts";
import type { FilterAction, Policy } from "../../src/core/seccomp/policy.ts";
import { prove } from "../../src/core/seccomp/prove.ts";
import { policy, vectors } from "./random-policy.ts";

const ARCHS: readonly number[] = [0xc000003e, 0x40000003, 0xc00000b7, 0];
const runs = Number(process.env.RUNS ?? 40);

/** What a policy answers, with the ABI told from architecture and number by a second hand. */
function answer(policy: Policy, arch: number, nr: number, args: readonly bigint[]): FilterAction {
  const x32 = nr >= 0x40000000 && nr !== 0xffffffff;
  const abis: Record<number, Abi> = { 3221225534: x32 ? "x32" : "x86_64", 1073741827: "i386" };
  let abi = abis[arch];
  if (nr === 0xffffffff && arch === 0xc000003e && policy.abis.x86_64 === undefined) abi = "x32";
  if (abi === undefined) return policy.foreign;
  const actions = possible(policy, { abi, number: nr, arguments: args });
  expect(actions).toHaveLength(1);
  return actions[0]!;
}

const KINDS: Record<string, number> = {
  "kill-process": 0x80000000,
  "kill-thread": 0,
  trap: 0x30000,
  errno: 0x50000,
  notify: 0x7fc00000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
};

function value(action: FilterAction): number {
  const errnos: Record<string, number> = { EPERM: 1, ENOSYS: 38 };
  const data = action.kind === "errno" ? action.errno : "data" in action ? action.data : 0;
  return (KINDS[action.kind]! | (typeof data === "number" ? data : errnos[data]!)) >>> 0;
}

test("compile: random policies, each answer as the evaluator says it", () => {
  fc.assert(
    fc.property(
      policy(["x86_64", "i386", "x32"]),
      fc.constantFrom("speed" as const, "size" as const),
      (rules, goal) => {
        const compiled = compile(rules, { goal });
        if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
        const { program } = compiled.value;
        expect(prove(program, rules)).toEqual({ kind: "holds" });
        for (const arch of ARCHS) {
          const abis: readonly Abi[] = arch === 0x40000003 ? ["i386"] : ["x86_64", "x32"];
          for (const { nr, args } of abis.flatMap((abi) => vectors(rules, abi, 100))) {
            const outcome = emulate(program, { arch, nr, args });
            expect(outcome.kind === "return" && outcome.value).toBe(value(answer(rules, arch, nr, args)));
          }
        }
      },
    ),
    { numRuns: runs },
  );
});

test("the tables say what this file says of them", () => {
  expect([tableOf("x86_64").audit, tableOf("i386").audit, tableOf("x32").audit]).toEqual([
    0xc000003e, 0x40000003, 0xc000003e,
  ]);
});
