/** Compiled filters mutated in one place: unless the mutant is equivalent, the proof must find a true witness. CLOISON_RUNS=n tries more. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DATA_SIZE, type SeccompData } from "../../src/core/bpf/data.ts";
import { emulate } from "../../src/core/bpf/emulate.ts";
import type { Instruction, Program } from "../../src/core/bpf/instruction.ts";
import { isConditionalJump, OPCODES } from "../../src/core/bpf/opcode.ts";
import { validate } from "../../src/core/bpf/validate.ts";
import { canonicalise } from "../../src/core/seccomp/canonical/canonical.ts";
import { prove } from "../../src/core/seccomp/compare/prove.ts";
import { allowList, denyList, is32, policyOf } from "../../src/core/seccomp/policy/build.ts";
import type { Policy } from "../../src/core/seccomp/policy/policy.ts";
import { effectOf, valueOfAction } from "../../src/core/seccomp/policy/return-value.ts";
import { compiled } from "./compiled.ts";
import { vectorsOf } from "./filter-vectors.ts";
import { policy } from "./random-policy.ts";

const runs = Number(process.env.CLOISON_RUNS ?? 12);

const EPERM = { kind: "errno", errno: "EPERM" } as const;

const policies: readonly Policy[] = [
  denyList(["reboot", "swapon", "mount"], EPERM),
  allowList(["read", "write", "exit_group"], ["open", "openat"], EPERM),
  policyOf([{ calls: ["clone"], when: [is32(0, "masked-eq", 0, 0x7e020000)], action: EPERM }], { kind: "log" }, [
    "x86_64",
  ]),
  policyOf([{ calls: ["socket"], when: [is32(0, "gt", 2), is32(1, "ne", 5)], action: EPERM }], undefined, ["aarch64"]),
  policyOf(
    [
      {
        calls: ["lseek", "mmap"],
        when: [{ argument: 1, width: 64, operator: "ge", value: 0x1_0000_0005n }],
        action: EPERM,
      },
    ],
    undefined,
    ["s390x"],
  ),
];

/** Another action and other data for a return, the adjacent words for a load, flipped bits for anything else. */
function constantsBeside(code: number, k: number): readonly number[] {
  if (code === OPCODES.RET) {
    return [k ^ 0x10000, k ^ 2];
  }
  if (code === OPCODES.LD_ABS) {
    return [(k + 4) % DATA_SIZE, (k + DATA_SIZE - 4) % DATA_SIZE];
  }
  return [k ^ 1, k ^ 0x80000000];
}

/** An instruction with each of its fields changed, one at a time. */
function mutants(instruction: Instruction): readonly Instruction[] {
  const { code, jt, jf, k } = instruction;
  if (isConditionalJump(code)) {
    const others = [OPCODES.JEQ, OPCODES.JGE, OPCODES.JGT, OPCODES.JSET].filter((other) => other !== code);
    return [
      { ...instruction, jt: jt + 1 },
      { ...instruction, jf: jf + 1 },
      { ...instruction, jt: Math.max(jt - 1, 0) },
      { ...instruction, jt: jf, jf: jt },
      { ...instruction, k: (k + 1) >>> 0 },
      { ...instruction, k: (k ^ 0x80000000) >>> 0 },
      ...others.map((other) => ({ ...instruction, code: other })),
    ];
  }
  return constantsBeside(code, k).map((other) => ({ ...instruction, k: other >>> 0 }));
}

/** Whether mutant and filter give the same answer for every vector. */
function alike(mutant: Program, original: Program, littleEndian: boolean, rules: Policy): boolean {
  return vectorsOf(canonicalise(rules)).every((vector) => {
    const [a, b] = [emulate(mutant, vector, littleEndian), emulate(original, vector, littleEndian)];
    return a.kind === "return" && b.kind === "return" && effectOf(a.value) === effectOf(b.value);
  });
}

/** Mutates every instruction, or one in `every`; counts the mutants that were shown to differ and those that are equivalent. */
function spoil(rules: Policy, every = 1): { differs: number; holds: number } {
  const { program, littleEndian } = compiled(rules);
  const counts = { differs: 0, holds: 0 };
  let place = 0;
  for (const [at, instruction] of program.entries()) {
    for (const changed of mutants(instruction)) {
      place += 1;
      if (place % every !== 0) {
        continue;
      }
      const mutant = program.with(at, changed);
      if (validate(mutant).length > 0) {
        continue;
      }
      const proof = prove(mutant, rules);
      if (proof.kind === "unknown") {
        throw new Error(`instruction ${at}: ${proof.reason}`);
      }
      counts[proof.kind] += 1;
      if (proof.kind === "holds") {
        expect(alike(mutant, program, littleEndian, rules), `instruction ${at} of ${program.length}`).toBe(true);
        continue;
      }
      const [spoilt, right] = [mutant, program].map((each) => emulate(each, proof.witness, littleEndian));
      expect(spoilt!.kind === "return" && effectOf(spoilt!.value)).toBe(valueOfAction(proof.actual));
      expect(right!.kind === "return" && effectOf(right!.value)).toBe(valueOfAction(proof.expected));
      expect(proof.actual).not.toEqual(proof.expected);
    }
  }
  return counts;
}

test("prove: a compiled filter that is changed in one place is told apart, or is still the same", () => {
  for (const rules of policies) {
    const { differs, holds } = spoil(rules);
    expect(differs).toBeGreaterThan(20);
    expect(holds).toBeLessThan(differs / 3);
  }
});

test("prove: so are filters of random policies", () => {
  fc.assert(
    fc.property(policy(["x86_64", "x32", "i386"]), fc.integer({ min: 15, max: 25 }), (rules, every) => {
      spoil(rules, every);
    }),
    { numRuns: runs },
  );
});

/** An input that reaches an instruction: one that tells the filter from a copy that returns there. */
function reaching(program: Program, at: number, rules: Policy): SeccompData | undefined {
  const proof = prove(program.with(at, { code: OPCODES.RET, jt: 0, jf: 0, k: 0x3dead }), rules);
  return proof.kind === "differs" ? proof.witness : undefined;
}

test("compile: no instruction is there for nothing: each one runs for some input", () => {
  const check = (rules: Policy): void => {
    const { program, littleEndian } = compiled(rules);
    const ran = new Set<number>();
    const run = (input: SeccompData): unknown => emulate(program, input, littleEndian, (at) => ran.add(at));
    for (const vector of vectorsOf(canonicalise(rules))) {
      run(vector);
    }
    for (const at of program.keys()) {
      if (ran.has(at)) {
        continue;
      }
      const input = reaching(program, at, rules);
      if (input !== undefined) {
        run(input);
      }
      expect(ran.has(at), `instruction ${at} of ${program.length}`).toBe(true);
    }
  };
  for (const rules of policies) {
    check(rules);
  }
  fc.assert(fc.property(policy(["x86_64", "x32", "i386"], 6), check), { numRuns: runs });
});
