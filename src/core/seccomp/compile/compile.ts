/**
 * Compiles a filter in any form to the smallest or fastest program found: number dispatch by dynamic programming,
 * arguments by decision diagrams, everything shared. Nothing leaves this file unproved.
 */
import type { Program } from "../../bpf/instruction.ts";
import { validate } from "../../bpf/validate.ts";
import { type Parsed, refusal } from "../../diagnostic/diagnostic.ts";
import { ABIS, type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import type { Canonical } from "../canonical/canonical.ts";
import { abisOf } from "../canonical/intervals.ts";
import { compareFunctions, ENTANGLED, unknownPart, withDiagrams } from "../compare/compare.ts";
import { createDiagrams, type Diagrams, spent } from "../diagram/diagram.ts";
import { asFilter, type Filter, functionOfFilter, isLittleEndian, policiesOf } from "../filter/filter.ts";
import type { Policy } from "../policy/policy.ts";
import { walk } from "../walk/walk.ts";
import { inOrder } from "./in-order.ts";
import { type Goal, programOf } from "./program.ts";
import { type CallProfile, weightsOf } from "./weigh.ts";

/** How to compile. */
export interface CompileOptions {
  /** What to optimise for; by default `speed`, and size where that costs no speed. */
  readonly goal?: Goal;
  /** How often each call was seen; without it all calls of the tables count the same. */
  readonly profile?: CallProfile;
}

/** A filter that was proved. */
export interface Compiled {
  readonly program: Program;
  /** Byte order of the machines that can run it. */
  readonly littleEndian: boolean;
}

function abisIn(policies: readonly Policy[]): readonly Abi[] {
  return ABIS.filter((abi) => policies.some(({ abis }) => abis[abi] !== undefined));
}

/** The ABIs whose calls count: those that the policies name, or that programs tell apart; else the first one. */
function abisFor(filter: Filter, { diagrams, root }: Canonical): readonly Abi[] {
  const policies = policiesOf(filter);
  const found = policies.length > 0 ? abisIn(policies) : abisOf(diagrams, root);
  return found.length > 0 ? found : ABIS.slice(0, 1);
}

function notProved({ program, littleEndian }: Compiled, wanted: Canonical): Parsed<Compiled> | undefined {
  const compared = compareFunctions(wanted, walk(program, { littleEndian, diagrams: wanted.diagrams }));
  if (compared.kind === "same") {
    return undefined;
  }
  const input = (): string =>
    JSON.stringify(compared, (_, value) => (typeof value === "bigint" ? String(value) : value));
  const reason = compared.kind === "unknown" ? compared.reason : `they differ for ${input()}`;
  return refusal(
    "filter-not-proved",
    `the program could not be proved equal to the filter: ${reason}`,
    "simplify the conditions of the call",
  );
}

/** Compiles and proves in one store. */
function compileIn(diagrams: Diagrams, filter: Filter, options: CompileOptions): Parsed<Compiled> {
  const { goal = "speed", profile } = options;
  const littleEndian = isLittleEndian(filter);
  const before = diagrams.budget;
  const wanted = functionOfFilter(filter, diagrams);
  // The proof takes as much again: better to give up before the search for the program than after it.
  const enough = !spent(diagrams, before - diagrams.budget);
  const gap = enough ? unknownPart(diagrams, wanted.root) : ENTANGLED;
  if (gap !== undefined) {
    const help = gap.at === undefined ? "simplify the conditions of the call" : "a filter must compare with constants";
    return refusal("filter-not-followed", `the filter cannot be followed: ${gap.reason}`, help);
  }
  const weights = weightsOf(abisFor(filter, wanted), profile, wanted);
  const special = inOrder(diagrams, policiesOf(filter), goal);
  const compiled = { program: programOf(wanted, { weights, goal, littleEndian, special }), littleEndian };
  const refused = validate(compiled.program);
  if (refused.length > 0) {
    const help = "use fewer rules, or fewer architectures in one filter";
    return { ok: false, diagnostics: refused.map((each) => ({ ...each, code: "filter-too-long", help })) };
  }
  return notProved(compiled, wanted) ?? { ok: true, value: compiled, diagnostics: [] };
}

/** Conditions of a policy that cannot be told apart within this many steps are compiled as written … */
const BUDGET = 20_000;
/** … or within this many for each condition: a list of a thousand takes time without being entangled. */
const BUDGET_EACH = 50;

function budgetFor(policy: Policy): number {
  const rules = Object.values(policy.abis).flatMap((own) => own.rules);
  return Math.max(BUDGET, BUDGET_EACH * rules.reduce((sum, { when }) => sum + when.length, 0));
}

/** Whether we could not determine what the filter does, which is not the filter's fault. */
function isUndecided({ diagnostics }: Parsed<Compiled>): boolean {
  return diagnostics.some(({ code }) => code === "filter-not-followed" || code === "filter-not-proved");
}

/**
 * One program that answers every call as a policy does, or a filter in another form: a stack of policies or programs as
 * one, a program written anew. It is proved. Diagnostics: `filter-mixed-order` (architectures of both byte orders can
 * never run one filter), `filter-not-followed` (what the filter does cannot be told), `filter-too-long` (more than the
 * kernel's 4096 instructions), `filter-not-proved`.
 *
 * @example
 * import { compileFilter, denyList, emulate } from "cloison";
 * import assert from "node:assert";
 * const deny = (call) => denyList([call], { kind: "errno", errno: "EPERM" });
 * const { program } = compileFilter(deny("reboot")).value;
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 169 }).value, 0x00050001);
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 0 }).value, 0x7fff0000);
 * const both = compileFilter({ kind: "policies", policies: [deny("reboot"), deny("swapon")] }).value;
 * assert.equal(emulate(both.program, { arch: 0xc000003e, nr: 167 }).value, 0x00050001);
 */
export function compile(wanted: Policy | Filter, options: CompileOptions = {}): Parsed<Compiled> {
  const filter = asFilter(wanted);
  if (new Set(abisIn(policiesOf(filter)).map((abi) => tableOf(abi).littleEndian)).size > 1) {
    const message = "the policy names architectures of both byte orders";
    return refusal("filter-mixed-order", message, "compile one filter for each of them");
  }
  const work = (diagrams: Diagrams): Parsed<Compiled> => compileIn(diagrams, filter, options);
  if (filter.kind !== "policy") {
    return withDiagrams(work);
  }
  const soon = withDiagrams(work, budgetFor(filter.policy));
  // Conditions that contradict each other in too many ways are expanded into words after all, if slowly.
  return isUndecided(soon) ? work(createDiagrams()) : soon;
}
