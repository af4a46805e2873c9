/**
 * Merging, comparing and decompiling filters against the emulator, in both byte orders. CLOISON_RUNS=n tries more. Tests
 * src/core/seccomp/canonical, src/core/seccomp/compare and src/core/seccomp/filter.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { SeccompData } from "../../src/core/bpf/data.ts";
import { emulate } from "../../src/core/bpf/emulate.ts";
import type { Program } from "../../src/core/bpf/instruction.ts";
import { abiInPolicy, canonicalise } from "../../src/core/seccomp/canonical/canonical.ts";
import { diff } from "../../src/core/seccomp/compare/diff.ts";
import { looser } from "../../src/core/seccomp/compare/looser.ts";
import { prove } from "../../src/core/seccomp/compare/prove.ts";
import { compile } from "../../src/core/seccomp/compile/compile.ts";
import { merge } from "../../src/core/seccomp/compile/merge.ts";
import { decompile } from "../../src/core/seccomp/decompile/decompile.ts";
import { evaluate, holds, letsThrough, rankOf, strongest } from "../../src/core/seccomp/policy/evaluate.ts";
import type { FilterAction, Policy } from "../../src/core/seccomp/policy/policy.ts";
import { actionOfValue, valueOfAction } from "../../src/core/seccomp/policy/return-value.ts";
import { compiled } from "./compiled.ts";
import { vectorsOf } from "./filter-vectors.ts";
import { policy } from "./random-policy.ts";

/** Counterexamples are not shrunk: that would take minutes. */
const options = { numRuns: Number(process.env.CLOISON_RUNS ?? 25), endOnFailure: true };

function answer(program: Program, data: SeccompData, littleEndian = true): FilterAction {
  const outcome = emulate(program, data, littleEndian);
  if (outcome.kind === "fault") {
    throw new Error(outcome.reason);
  }
  return actionOfValue(outcome.value);
}

const some = policy(["x86_64", "i386", "x32"], 2);

/** Inputs at which the answer of any of these policies may change, sampled evenly. */
function inputs(...policies: readonly Policy[]): readonly SeccompData[] {
  return policies.flatMap((rules) => {
    const all = vectorsOf(canonicalise(rules));
    const step = Math.max(1, Math.floor(all.length / 1000));
    return all.filter((_, place) => place % step === 0);
  });
}

test("merge: the answer of the stack, the newest filter's where they are equal, in one program", () => {
  fc.assert(
    fc.property(some, some, (older, newer) => {
      const programs = [older, newer].map((rules) => compiled(rules).program);
      const merged = merge(programs);
      if (!merged.ok) {
        throw new Error(JSON.stringify(merged.diagnostics));
      }
      for (const data of inputs(older, newer)) {
        expect(answer(merged.value.program, data)).toEqual(strongest(programs.map((each) => answer(each, data))));
      }
    }),
    options,
  );
});

test("diff: every example is true, and the relation holds at every input", () => {
  fc.assert(
    fc.property(some, some, (first, second) => {
      const [a, b] = [compiled(first).program, compiled(second).program];
      const found = diff({ kind: "program", program: a }, { kind: "policy", policy: second });
      if (found.kind === "unknown") {
        throw new Error(found.reason);
      }
      for (const { examples } of found.differences) {
        for (const [direction, { data, first: one, second: other }] of Object.entries(examples)) {
          expect([answer(a, data), answer(b, data)]).toEqual([one, other]);
          expect(Math.sign(rankOf(other) - rankOf(one))).toBe({ stricter: -1, looser: 1, other: 0 }[direction]);
        }
      }
      for (const data of inputs(first, second)) {
        const order = rankOf(answer(b, data)) - rankOf(answer(a, data));
        if (found.relation === "equal") {
          expect(answer(b, data)).toEqual(answer(a, data));
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

/** A policy's answer to an input, without any diagram. */
function answerOf(rules: Policy, { arch, nr, args = [] }: SeccompData): FilterAction {
  const abi = abiInPolicy(arch, nr, rules);
  return (abi === undefined ? rules.foreign : evaluate(rules, { abi, number: nr, arguments: args })) ?? rules.foreign;
}

/** Killing the thread and killing the process have the same rank. */
const ranked = (action: FilterAction): number => Math.max(1, rankOf(action));

test("looser: every example is a refusal that was stronger, and where there is none no input is refused less", () => {
  let never = 0;
  fc.assert(
    fc.property(some, some, some, fc.boolean(), (one, two, three, kept) => {
      const [before, after] = [[one, two], kept ? [three, two, one] : [three, two]];
      const answers = (data: SeccompData) =>
        [before, after].map((policies) => strongest(policies.map((each) => answerOf(each, data))));
      const isLooser = (data: SeccompData): boolean => {
        const [was = { kind: "allow" }, is = { kind: "allow" }] = answers(data);
        return !letsThrough(was) && ranked(is) > ranked(was);
      };
      const found = looser(before, after);
      if (found.kind === "unknown") {
        throw new Error(found.reason);
      }
      for (const { example } of found.loosened) {
        expect(isLooser(example.data)).toBe(true);
      }
      if (found.loosened.length > 0) {
        return;
      }
      never += 1;
      expect(inputs(one, two, three).filter(isLooser)).toEqual([]);
    }),
    options,
  );
  expect(never).toBeGreaterThan(0);
});

test("decompile: the policy of a filter is proved to be what it does", () => {
  let exact = 0;
  fc.assert(
    fc.property(some, (rules) => {
      const { program } = compiled(rules);
      const back = decompile({ kind: "program", program });
      if (!back.ok || back.diagnostics.length > 0) {
        return;
      }
      expect(prove(program, back.value)).toEqual({ kind: "holds" });
      exact += 1;
    }),
    options,
  );
  expect(exact / options.numRuns).toBeGreaterThan(0.8);
});

/** The answer of a policy for s390x, without the evaluator's index. */
function wanted(rules: Policy, { arch, nr, args = [] }: SeccompData): FilterAction {
  const own = rules.abis.s390x;
  if (arch !== 0x80000016 || own === undefined) {
    return rules.foreign;
  }
  const rule = own.rules.find(
    ({ calls, when }) => calls.includes(nr) && when.every((each) => holds(each, args[each.argument]) === true),
  );
  return rule?.action ?? own.otherwise;
}

test("compile: on a big-endian machine each answer is the policy's too, and no filter is for both orders", () => {
  fc.assert(
    fc.property(policy(["s390x"], 3), (rules) => {
      const { program, littleEndian } = compiled(rules);
      expect(littleEndian).toBe(rules.abis.s390x === undefined);
      for (const data of inputs(rules)) {
        expect(valueOfAction(answer(program, data, littleEndian))).toBe(valueOfAction(wanted(rules, data)));
      }
      const mixed = { ...rules, abis: { ...rules.abis, x86_64: { rules: [], otherwise: rules.foreign } } };
      expect(compile(mixed).ok).toBe(rules.abis.s390x === undefined);
    }),
    options,
  );
});
