/**
 * A filter as a policy: what each architecture gets, by rules on numbers and arguments. What comes out is proved against
 * the filter: either it is exact, or a warning says in what it is not.
 */
import type { Diagnostic, Parsed } from "../diagnostic/diagnostic.ts";
import { type Abi, tableOf } from "../kernel/syscalls/syscall.ts";
import { branchesOf } from "./branches.ts";
import { canonicalise, effects, numbersOfAbi } from "./canonical.ts";
import { compareFunctions, unknownPart, withDiagrams } from "./compare.ts";
import { type Diagrams, leafOf, type NodeId } from "./diagram/diagram.ts";
import { NUMBER_WORD } from "./diagram/words.ts";
import { sameAction } from "./evaluate.ts";
import { type Filter, functionOfFilter } from "./filter.ts";
import { abisOf, clipped, constantOf, foreignAction, type Interval, intervalsOf, underArch } from "./intervals.ts";
import type { AbiPolicy, FilterAction, Policy, Rule } from "./policy.ts";

/** The constant function that covers the most values. */
function widest(diagrams: Diagrams, intervals: readonly Interval[]): NodeId | undefined {
  const sizes = new Map<NodeId, number>();
  for (const { from, to, node } of intervals) {
    if (constantOf(diagrams, node) !== undefined) sizes.set(node, (sizes.get(node) ?? 0) + (to - from + 1));
  }
  let best: NodeId | undefined;
  for (const [node, size] of sizes) if (best === undefined || size > (sizes.get(best) ?? 0)) best = node;
  return best;
}

/** As many numbers are named one by one. */
const MOST_NUMBERS = 8192;

/** Why there is no policy. */
interface Failure {
  readonly code: string;
  readonly message: string;
}

function numbersIn(intervals: readonly Interval[]): readonly number[] | undefined {
  const count = intervals.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (count > MOST_NUMBERS) return undefined;
  return intervals.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, place) => from + place));
}

function rulesOf(
  diagrams: Diagrams,
  abi: Abi,
  calls: readonly number[],
  node: NodeId,
  otherwise: NodeId,
): readonly Rule[] | undefined {
  const branches = branchesOf(diagrams, node);
  const needed = branches?.at(-1)?.leaf === otherwise ? branches.slice(0, -1) : branches;
  const rules = needed?.map(({ when, leaf }) => ({ calls, when, action: constantOf(diagrams, leaf, abi) }));
  return rules?.every((rule): rule is Rule => rule.action !== undefined) === true ? rules : undefined;
}

function abiPolicy(diagrams: Diagrams, abi: Abi, intervals: readonly Interval[]): AbiPolicy | Failure {
  const otherwise = widest(diagrams, intervals);
  const action = otherwise === undefined ? undefined : constantOf(diagrams, otherwise, abi);
  if (otherwise === undefined || action === undefined) {
    return { code: "filter-no-default", message: `${abi}: what most numbers get depends on arguments` };
  }
  const byNode = new Map<NodeId, Interval[]>();
  for (const interval of intervals)
    if (interval.node !== otherwise) byNode.set(interval.node, [...(byNode.get(interval.node) ?? []), interval]);
  const rules: Rule[] = [];
  for (const [node, own] of byNode) {
    const calls = numbersIn(own);
    if (calls === undefined) {
      return { code: "filter-wide-numbers", message: `${abi}: two actions for more than ${MOST_NUMBERS} numbers each` };
    }
    const made = rulesOf(diagrams, abi, calls, node, otherwise);
    if (made === undefined) {
      return { code: "filter-not-arguments", message: `${abi}: call ${calls[0]}: more is tested than rules can say` };
    }
    rules.push(...made);
  }
  return { rules, otherwise: action };
}

function policyIn(diagrams: Diagrams, root: NodeId, abis: readonly Abi[], foreign: FilterAction): Policy | Failure {
  const found: { [abi in Abi]?: AbiPolicy } = {};
  const shape: Policy = {
    abis: Object.fromEntries(abis.map((abi) => [abi, { rules: [], otherwise: foreign }])),
    foreign,
  };
  for (const abi of abis) {
    const intervals = intervalsOf(diagrams, underArch(diagrams, root, tableOf(abi).audit), NUMBER_WORD);
    const own = abiPolicy(diagrams, abi, clipped(intervals, numbersOfAbi(abi, shape)));
    if ("code" in own) return own;
    found[abi] = own;
  }
  return { abis: withoutEmpty(found, foreign), foreign };
}

/** x32 is left out where it gets what foreign architectures get. */
function withoutEmpty(abis: { readonly [abi in Abi]?: AbiPolicy }, foreign: FilterAction): Policy["abis"] {
  const { x32, ...others } = abis;
  const isForeign = x32 === undefined || (x32.rules.length === 0 && sameAction(x32.otherwise, foreign));
  return isForeign ? others : abis;
}

function error({ code, message }: Failure): Parsed<Policy> {
  return {
    ok: false,
    diagnostics: [{ code, severity: "error", message, help: "the text form says what the filter does" }],
  };
}

const INEXACT: Diagnostic = {
  code: "filter-foreign",
  severity: "warning",
  message: "what other architectures get depends on their numbers; the policy says kill-process for them",
};

function decompileIn(diagrams: Diagrams, filter: Filter): Parsed<Policy> {
  const actual = effects(functionOfFilter(filter, diagrams));
  const { root } = actual;
  const gap = unknownPart(diagrams, root);
  if (gap !== undefined) return error({ code: "filter-not-followed", message: gap.reason });
  const told = abisOf(diagrams, root);
  const abis: readonly Abi[] = told.length === 0 && leafOf(diagrams, root) === undefined ? ["x86_64", "x32"] : told;
  const foreign = foreignAction(diagrams, root, abis);
  const policy = policyIn(diagrams, root, abis, foreign ?? { kind: "kill-process" });
  if ("code" in policy) return error(policy);
  if (foreign === undefined) return { ok: true, value: policy, diagnostics: [INEXACT] };
  const compared = compareFunctions(actual, canonicalise(policy, { diagrams }));
  if (compared.kind === "same") return { ok: true, value: policy, diagnostics: [] };
  return error({ code: "filter-not-proved", message: "the policy could not be proved to be the filter" });
}

/**
 * The policy that a filter carries out. Errors: `filter-not-followed`, `filter-no-default`, `filter-wide-numbers`,
 * `filter-not-arguments`, `filter-not-proved`; the warning `filter-foreign` where the policy is exact for the
 * architectures that it names only.
 *
 * @example
 * import { compileFilter, decompileFilter, denyList } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" }, ["x86_64"]);
 * const { program } = compileFilter(policy).value;
 * const back = decompileFilter({ kind: "program", program }).value;
 * assert.deepEqual(back.abis.x86_64, policy.abis.x86_64);
 */
export function decompile(filter: Filter): Parsed<Policy> {
  return withDiagrams((diagrams) => decompileIn(diagrams, filter));
}
