/** Compiled filters against their proof and against the policy evaluator, which uses no diagrams. CLOISON_RUNS=n tries more. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { emulate } from "../../src/core/bpf/emulate.ts";
import { type Abi, tableOf } from "../../src/core/kernel/syscalls/syscall.ts";
import { prove } from "../../src/core/seccomp/compare/prove.ts";
import { possible } from "../../src/core/seccomp/policy/evaluate.ts";
import type { FilterAction, Policy } from "../../src/core/seccomp/policy/policy.ts";
import { compiled } from "./compiled.ts";
import { policy, vectors } from "./random-policy.ts";

const X86_64 = 0xc000003e;
const I386 = 0x40000003;
const AARCH64 = 0xc00000b7;
/** The number by which a tracer skips a call: it has x32's bit set and still belongs to x86_64. */
const SKIPPED = 0xffffffff;

/** The ABI of a call from architecture and number, independently of the code under test. */
function abiOf({ abis }: Policy, arch: number, nr: number): Abi | undefined {
  if (arch === I386) {
    return "i386";
  }
  if (arch !== X86_64) {
    return undefined;
  }
  if (nr === SKIPPED) {
    return abis.x86_64 === undefined ? "x32" : "x86_64";
  }
  return nr >= 0x40000000 ? "x32" : "x86_64";
}

function answer(policy: Policy, arch: number, nr: number, args: readonly bigint[]): FilterAction {
  const abi = abiOf(policy, arch, nr);
  if (abi === undefined) {
    return policy.foreign;
  }
  const actions = possible(policy, { abi, number: nr, arguments: args });
  expect(actions).toHaveLength(1);
  return actions[0]!;
}

/** Copied from include/uapi/linux/seccomp.h, so as not to use the table under test. */
const KINDS: Record<FilterAction["kind"], number> = {
  "kill-process": 0x80000000,
  "kill-thread": 0,
  trap: 0x30000,
  errno: 0x50000,
  notify: 0x7fc00000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
};

/** The numbers of the errors that random policies name. */
const ERRNOS: Readonly<Record<string, number>> = { EPERM: 1, ENOSYS: 38 };

function dataOf(action: FilterAction): number {
  if (action.kind === "errno") {
    return typeof action.errno === "number" ? action.errno : ERRNOS[action.errno]!;
  }
  return "data" in action ? action.data : 0;
}

function returnValue(action: FilterAction): number {
  return (KINDS[action.kind] | dataOf(action)) >>> 0;
}

test("compile: random policies, each answer as the evaluator says it", () => {
  fc.assert(
    fc.property(
      policy(["x86_64", "i386", "x32"]),
      fc.constantFrom("speed" as const, "size" as const),
      (rules, goal) => {
        const { program } = compiled(rules, { goal });
        expect(prove(program, rules)).toEqual({ kind: "holds" });
        for (const arch of [X86_64, I386, AARCH64, 0]) {
          const abis: readonly Abi[] = arch === I386 ? ["i386"] : ["x86_64", "x32"];
          for (const { nr, args } of abis.flatMap((abi) => vectors(rules, abi, 100))) {
            const outcome = emulate(program, { arch, nr, args });
            expect(outcome.kind === "return" && outcome.value).toBe(returnValue(answer(rules, arch, nr, args)));
          }
        }
      },
    ),
    { numRuns: Number(process.env.CLOISON_RUNS ?? 40) },
  );
});

test("the tables say what this file says of them", () => {
  const audits = (["x86_64", "i386", "x32", "aarch64"] as const).map((abi) => tableOf(abi).audit);
  expect(audits).toEqual([X86_64, I386, X86_64, AARCH64]);
});
