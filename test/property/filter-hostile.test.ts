/**
 * Arbitrary programs, up to the longest that the kernel accepts: proving, comparing, merging, decompiling and explaining give
 * an answer, never an exception, and the answer agrees with the emulator. CLOISON_RUNS=n tries more.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SeccompData } from "../../src/core/bpf/data.ts";
import { emulate } from "../../src/core/bpf/emulate.ts";
import type { Program } from "../../src/core/bpf/instruction.ts";
import { validate } from "../../src/core/bpf/validate.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import { prove } from "../../src/core/seccomp/compare/prove.ts";
import { merge } from "../../src/core/seccomp/compile/merge.ts";
import { decompile } from "../../src/core/seccomp/decompile/decompile.ts";
import { explain, explanationText } from "../../src/core/seccomp/explain/explain.ts";
import { denyList } from "../../src/core/seccomp/policy/build.ts";
import { rankOf } from "../../src/core/seccomp/policy/evaluate.ts";
import type { FilterAction } from "../../src/core/seccomp/policy/policy.ts";
import { actionOfValue, valueOfAction } from "../../src/core/seccomp/policy/return-value.ts";
import { type Recipe, recipe, written } from "./entangled-program.ts";
import { wildProgram } from "./random-program.ts";

/** Counterexamples are not shrunk: that would take minutes. */
const options = { numRuns: Number(process.env.CLOISON_RUNS ?? 6), endOnFailure: true };

type Hostile = Recipe | Program;

const hostile: fc.Arbitrary<Hostile> = fc.oneof(recipe(300), { weight: 2, arbitrary: recipe(4096) }, wildProgram);

const programOf = (each: Hostile): Program => ("link" in each ? written(each) : each);

function value(program: Program, data: SeccompData): number {
  const outcome = emulate(program, data);
  if (outcome.kind === "fault") {
    throw new Error(outcome.reason);
  }
  return outcome.value;
}

function answer(program: Program, data: SeccompData): FilterAction {
  return actionOfValue(value(program, data));
}

/** The kernel compares the return values of filters, even of unknown actions; the newer filter runs first. */
function answerOfBoth(older: Program, newer: Program, data: SeccompData): FilterAction {
  const [first, second] = [value(newer, data), value(older, data)];
  const rank = (each: number): number => (each & 0xffff0000) | 0;
  return actionOfValue(rank(second) < rank(first) ? second : first);
}

const word = fc.oneof(
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const data: fc.Arbitrary<SeccompData> = fc.record({
  arch: fc.constantFrom(0xc000003e, 0x40000003),
  nr: fc.oneof(fc.nat(400), word),
  args: fc.array(
    fc.tuple(word, word).map(([high, low]) => (BigInt(high) << 32n) | BigInt(low)),
    { minLength: 6, maxLength: 6 },
  ),
});
const inputs = fc.array(data, { minLength: 40, maxLength: 40 });

test("a program is never told from itself, and a difference from a policy is a true one", () => {
  const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" });
  fc.assert(
    fc.property(hostile, (each) => {
      const program = programOf(each);
      expect(validate(program)).toEqual([]);
      const own = prove(program, { kind: "program", program });
      expect(own.kind === "unknown" ? own.reason : own.kind).not.toBe("differs");
      const proof = prove(program, policy);
      expect(proof.kind).not.toBe("holds");
      if (proof.kind === "differs") {
        expect(answer(program, proof.witness)).toEqual(proof.actual);
      }
    }),
    options,
  );
});

test("two programs: examples of differences are true, and the relation holds wherever it is tried", () => {
  fc.assert(
    fc.property(hostile, hostile, inputs, (one, other, list) => {
      const [first, second] = [programOf(one), programOf(other)];
      const [a, b] = [first, second].map((program) => ({ kind: "program", program }) as const);
      const found = diff(a!, b!);
      if (found.kind === "unknown") {
        return;
      }
      for (const { examples } of found.differences) {
        for (const example of Object.values(examples)) {
          const answers = [answer(first, example.data), answer(second, example.data)];
          expect([example.first, example.second].map((each) => valueOfAction(each))).toEqual(
            answers.map((each) => valueOfAction(each)),
          );
        }
      }
      for (const each of list) {
        const order = rankOf(answer(second, each)) - rankOf(answer(first, each));
        if (found.relation === "equal") {
          expect(answer(second, each)).toEqual(answer(first, each));
        }
        if (found.relation === "stricter") {
          expect(order).toBeLessThanOrEqual(0);
        }
        if (found.relation === "looser") {
          expect(order).toBeGreaterThanOrEqual(0);
        }
      }
    }),
    options,
  );
});

test("a stack: the merged program answers as both do", () => {
  fc.assert(
    fc.property(hostile, hostile, inputs, (one, other, list) => {
      const [first, second] = [programOf(one), programOf(other)];
      const merged = merge([first, second]);
      if (!merged.ok) {
        expect(merged.diagnostics[0]?.code).toMatch(/^filter-(not-followed|too-long|not-proved)$/);
        return;
      }
      for (const each of list) {
        expect(answer(merged.value.program, each)).toEqual(answerOfBoth(first, second, each));
      }
    }),
    options,
  );
});

test("a program as a policy is proved to be it, and its explanation is text", () => {
  fc.assert(
    fc.property(hostile, (each) => {
      const program = programOf(each);
      const filter = { kind: "program", program } as const;
      const policy = decompile(filter);
      if (policy.ok && policy.diagnostics.length === 0) {
        expect(prove(program, policy.value)).toEqual({ kind: "holds" });
      }
      expect(explanationText(explain(filter))).not.toBe("");
    }),
    options,
  );
});
