/**
 * Compiled and merged filters in the real kernel: a child attaches them and makes the calls, and gets what the rules say. SEED=n
 * repeats a run, POLICIES=n tries as many. Tests src/core/seccomp/compile.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { disassemble } from "../../src/core/bpf/disassemble.ts";
import type { Program } from "../../src/core/bpf/instruction.ts";
import type { Abi } from "../../src/core/kernel/syscalls/syscall.ts";
import { compile } from "../../src/core/seccomp/compile/compile.ts";
import { merge } from "../../src/core/seccomp/compile/merge.ts";
import { holds } from "../../src/core/seccomp/policy/evaluate.ts";
import type { FilterAction, Policy } from "../../src/core/seccomp/policy/policy.ts";
import { valueOfAction } from "../../src/core/seccomp/policy/return-value.ts";
import { interestingValues } from "../property/interesting.ts";
import { policyOn } from "../property/random-policy.ts";
import { type FilterCase, type FilteredCall, runFilters } from "./fixtures/filter-runner.ts";

const ENOSYS = 38n;
const SIGSYS = 31;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env.POLICIES ?? 120);

/** Numbers that no ABI has a call for: what a filter lets through does nothing. */
const plain = [1000, 1001, 1003, 1004, 1010];
const numbers = { x86_64: plain, i386: plain, x32: plain.map((number) => 0x40000000 + number) };

/** An action that the child survives. */
function gentle(action: FilterAction): FilterAction {
  if (action.kind === "kill-process") {
    return { kind: "errno", errno: 201 };
  }
  if (action.kind === "kill-thread") {
    return { kind: "errno", errno: 202 };
  }
  return action.kind === "trap" ? { kind: "errno", errno: 203 } : action;
}

function withGentle(policy: Policy): Policy {
  const abis = Object.entries(policy.abis).map(([abi, { rules, otherwise }]) => [
    abi,
    { rules: rules.map((rule) => ({ ...rule, action: gentle(rule.action) })), otherwise: gentle(otherwise) },
  ]);
  return { abis: Object.fromEntries(abis), foreign: gentle(policy.foreign) };
}

const any = policyOn(numbers, 2);
const policies = fc.oneof({ weight: 4, arbitrary: any.map(withGentle) }, any);

/** Which ABI's rules a call falls under. */
function abiOf({ entry, nr }: FilteredCall): Abi {
  if (entry === "i386") {
    return "i386";
  }
  return nr >= 0x40000000 ? "x32" : "x86_64";
}

/** What the rules say, read from their definition: the first one whose conditions all hold. */
function wanted(policy: Policy, call: FilteredCall): FilterAction {
  const own = policy.abis[abiOf(call)];
  if (own === undefined) {
    return policy.foreign;
  }
  const rule = own.rules.find(
    ({ calls, when }) =>
      calls.includes(call.nr) && when.every((each) => holds(each, call.args[each.argument] ?? 0n) === true),
  );
  return rule?.action ?? own.otherwise;
}

/** What a call returns under an action; undefined where it is the last one. Without a tracer or a listener there is no call. */
function outcome(action: FilterAction): bigint | undefined {
  if (["kill-process", "kill-thread", "trap"].includes(action.kind)) {
    return undefined;
  }
  return action.kind === "errno" ? -BigInt(valueOfAction(action) & 0xffff) : -ENOSYS;
}

/** Calls at the edges of what some policies test, in an order drawn from the seed; i386 has 32 bits for an argument. */
function callsFor(some: readonly Policy[]): fc.Arbitrary<readonly FilteredCall[]> {
  const conditions = some.flatMap(({ abis }) =>
    Object.values(abis).flatMap(({ rules }) => rules.flatMap((r) => r.when)),
  );
  const argument = fc.constantFrom(0n, ...conditions.flatMap(interestingValues));
  const args = fc.tuple(argument, argument);
  const call = fc.oneof(
    fc.record({ entry: fc.constant("native" as const), nr: fc.constantFrom(...plain, 1002, ...numbers.x32), args }),
    fc.record({
      entry: fc.constant("i386" as const),
      nr: fc.constantFrom(...plain, 1002),
      args: args.map((both) => both.map((each) => BigInt.asUintN(32, each))),
    }),
  );
  return fc.array(call, { minLength: 12, maxLength: 12 });
}

function compiled(policy: Policy): Program {
  const made = compile(policy);
  if (!made.ok) {
    throw new Error(JSON.stringify(made.diagnostics));
  }
  return made.value.program;
}

/** The results up to the first call that ends the child. */
function lived(results: readonly (bigint | undefined)[]): readonly (bigint | undefined)[] {
  const end = results.indexOf(undefined);
  return end < 0 ? results : results.map((result, place) => (place < end ? result : undefined));
}

test("random policies: the kernel answers every call as the rules say", () => {
  const samples = fc.sample(
    policies.chain((policy) => fc.record({ policy: fc.constant(policy), calls: callsFor([policy]) })),
    { numRuns: runs, seed },
  );
  const cases = samples.map(({ policy, calls }): FilterCase => ({ program: compiled(policy), calls }));
  let returned = 0;
  for (const [place, { results, attached, signal }] of runFilters(cases).entries()) {
    const { policy, calls } = samples[place]!;
    const about = `SEED=${seed}\n${disassemble(cases[place]!.program)}`;
    expect(attached, about).toBe(0n);
    const expected = lived(calls.map((call) => outcome(wanted(policy, call))));
    expect(results, about).toEqual(expected);
    if (expected.includes(undefined)) {
      expect(signal, about).toBe(SIGSYS);
    }
    returned += results.filter((result) => result !== undefined && result !== -ENOSYS).length;
  }
  // The comparison would be empty if nearly all were killed or let through.
  expect(returned).toBeGreaterThan(runs);
});

const SECCOMP = 317;

/** Lets a policy allow what attaches the next filter. */
function open(policy: Policy): Policy {
  const own = policy.abis.x86_64 ?? { rules: [], otherwise: policy.foreign };
  const rule = { calls: [SECCOMP], when: [], action: { kind: "allow" } as const };
  return { ...policy, abis: { ...policy.abis, x86_64: { ...own, rules: [rule, ...own.rules] } } };
}

test("random stacks: the kernel answers to one merged filter as to all of them", () => {
  const samples = fc.sample(
    fc
      .array(policies.map(open), { minLength: 2, maxLength: 4 })
      .chain((stack) => fc.record({ stack: fc.constant(stack), calls: callsFor(stack) })),
    { numRuns: runs, seed },
  );
  const cases = samples.flatMap(({ stack, calls }): readonly [FilterCase, FilterCase] => {
    const [oldest, ...newer] = stack.map(compiled);
    const merged = merge([oldest!, ...newer]);
    if (!merged.ok) {
      throw new Error(JSON.stringify(merged.diagnostics));
    }
    return [
      { program: oldest!, newer, calls },
      { program: merged.value.program, calls },
    ];
  });
  const found = runFilters(cases);
  let returned = 0;
  for (let place = 0; place < found.length; place += 2) {
    const [all, one] = [found[place]!, found[place + 1]!];
    const about = `SEED=${seed}\n${disassemble(cases[place + 1]!.program)}`;
    expect([all.attached, all.times, one.attached], about).toEqual([0n, samples[place / 2]!.stack.length, 0n]);
    expect([one.results, one.signal], about).toEqual([all.results, all.signal]);
    returned += one.results.filter((result) => result !== undefined && result !== -ENOSYS).length;
  }
  expect(returned).toBeGreaterThan(runs / 2);
});
