/**
 * A filter as a policy: what each architecture gets, by rules on numbers and arguments. The result is proved against
 * the filter: either it is exact, or a warning says where it is not.
 */
import type { Diagnostic, Parsed } from "../../diagnostic/diagnostic.ts";
import { localAbis } from "../../kernel/syscalls/machine.ts";
import { ABIS, type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import { branchesOf } from "../canonical/branches.ts";
import { type Canonical, canonicalise, effects, numbersOfAbi } from "../canonical/canonical.ts";
import {
  abisOf,
  clipped,
  constantOf,
  foreignAction,
  type Interval,
  intervalsOf,
  underArch,
} from "../canonical/intervals.ts";
import { compareFunctions, unknownPart, withDiagrams } from "../compare/compare.ts";
import { branchNode } from "../diagram/combine.ts";
import { between, equals } from "../diagram/condition.ts";
import { type Diagrams, leafOf, NO, type NodeId, YES } from "../diagram/diagram.ts";
import { ARCH_WORD, NUMBER_WORD } from "../diagram/words.ts";
import { type Filter, functionOfFilter } from "../filter/filter.ts";
import { letsThrough, sameAction } from "../policy/evaluate.ts";
import type { AbiPolicy, FilterAction, Policy, Rule } from "../policy/policy.ts";

/** The constant function that covers the most values. */
function widest(diagrams: Diagrams, intervals: readonly Interval[]): NodeId | undefined {
  const sizes = new Map<NodeId, number>();
  for (const { from, to, node } of intervals) {
    if (constantOf(diagrams, node) !== undefined) {
      sizes.set(node, (sizes.get(node) ?? 0) + (to - from + 1));
    }
  }
  let best: NodeId | undefined;
  for (const [node, size] of sizes) {
    if (best === undefined || size > (sizes.get(best) ?? 0)) {
      best = node;
    }
  }
  return best;
}

/** The most numbers that are listed one by one. */
const MOST_NUMBERS = 8192;

/** Why there is no policy. */
interface Failure {
  readonly code: string;
  readonly message: string;
}

function numbersIn(intervals: readonly Interval[]): readonly number[] | undefined {
  const count = intervals.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (count > MOST_NUMBERS) {
    return undefined;
  }
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
    return {
      code: "filter-no-default",
      message: `${abi}: the answer to most numbers depends on arguments, so there is no default`,
    };
  }
  const byNode = new Map<NodeId, Interval[]>();
  for (const interval of intervals) {
    if (interval.node !== otherwise) {
      byNode.set(interval.node, [...(byNode.get(interval.node) ?? []), interval]);
    }
  }
  const rules: Rule[] = [];
  for (const [node, own] of byNode) {
    const calls = numbersIn(own);
    if (calls === undefined) {
      return {
        code: "filter-wide-numbers",
        message: `${abi}: two actions apply to more than ${MOST_NUMBERS} numbers each`,
      };
    }
    const made = rulesOf(diagrams, abi, calls, node, otherwise);
    if (made === undefined) {
      return {
        code: "filter-not-arguments",
        message: `${abi}: call ${calls[0]}: its tests cannot be written as rules`,
      };
    }
    rules.push(...made);
  }
  return { rules, otherwise: action };
}

/** Whether an ABI is a secondary one of a machine already covered: a policy without it is still useful. */
function isBeside(abi: Abi, told: readonly Abi[]): boolean {
  return told.some((other) => ABIS.indexOf(other) < ABIS.indexOf(abi) && localAbis(other).includes(abi));
}

function leftOut({ message }: Failure): Diagnostic {
  return { code: "filter-abi-left-out", severity: "warning", message: `left out of the policy: ${message}` };
}

/** A policy and the diagnostics about it. */
interface Told {
  readonly policy: Policy;
  readonly diagnostics: readonly Diagnostic[];
}

/** `foreign`: what the filter says for all architectures without a policy of their own, if it is one action. */
function policyIn(
  diagrams: Diagrams,
  root: NodeId,
  abis: readonly Abi[],
  foreign: FilterAction | undefined,
): Told | Failure {
  const found: { [abi in Abi]?: AbiPolicy } = {};
  const shape = shapeOf(abis);
  const diagnostics: Diagnostic[] = [];
  for (const abi of abis) {
    const intervals = intervalsOf(diagrams, underArch(diagrams, root, tableOf(abi).audit), NUMBER_WORD);
    const own = abiPolicy(diagrams, abi, clipped(intervals, numbersOfAbi(abi, shape)));
    if (!("code" in own)) {
      found[abi] = own;
    } else if (isBeside(abi, Object.keys(found) as Abi[])) {
      diagnostics.push(leftOut(own));
    } else {
      return own;
    }
  }
  // What is left out gets the foreign action, which must never let it through.
  const killed = foreign === undefined || (diagnostics.length > 0 && letsThrough(foreign));
  const others: FilterAction = killed ? { kind: "kill-process" } : foreign;
  if (foreign === undefined) {
    diagnostics.push(INEXACT);
  } else if (diagnostics.length > 0) {
    diagnostics.push(othersGet(others));
  }
  return { policy: { abis: withoutEmpty(found, others), foreign: others }, diagnostics };
}

function othersGet({ kind }: FilterAction): Diagnostic {
  const message = `the policy answers ${kind} to what is left out and to every other architecture`;
  return { code: "filter-foreign", severity: "warning", message };
}

/** A policy that only says which ABIs there are. */
function shapeOf(abis: readonly Abi[]): Policy {
  const foreign: FilterAction = { kind: "kill-process" };
  return { abis: Object.fromEntries(abis.map((abi) => [abi, { rules: [], otherwise: foreign }])), foreign };
}

/** Where a policy claims to match the filter: on its ABIs' numbers and, with `foreign`, outside all covered ABIs. */
function claimed(diagrams: Diagrams, kept: readonly Abi[], told: readonly Abi[], foreign: boolean): NodeId {
  const shape = shapeOf(told);
  const audits = [...new Set(told.map((abi) => tableOf(abi).audit))];
  return audits.reduce(
    (rest, audit) => {
      const own = kept.filter((abi) => tableOf(abi).audit === audit);
      const numbers = own.flatMap((abi) => numbersOfAbi(abi, shape));
      const inside = numbers.reduce(
        (others, [from, to]) => branchNode(diagrams, between(diagrams, NUMBER_WORD, from, to), YES, others),
        NO,
      );
      return branchNode(diagrams, equals(diagrams, ARCH_WORD, audit), inside, rest);
    },
    foreign ? YES : NO,
  );
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
    diagnostics: [{ code, severity: "error", message, help: "use the text form, which can express any filter" }],
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
  if (gap !== undefined) {
    return error({ code: "filter-not-followed", message: gap.reason });
  }
  const told = abisOf(diagrams, root);
  const abis: readonly Abi[] = told.length === 0 && leafOf(diagrams, root) === undefined ? ["x86_64", "x32"] : told;
  const foreign = foreignAction(diagrams, root, abis);
  const made = policyIn(diagrams, root, abis, foreign);
  if ("code" in made) {
    return error(made);
  }
  const { policy, diagnostics } = made;
  const left = diagnostics.some(({ code }) => code === "filter-abi-left-out");
  const kept = left ? (Object.keys(policy.abis) as Abi[]) : abis;
  const where = claimed(diagrams, kept, abis, foreign !== undefined && sameAction(foreign, policy.foreign));
  const there = ({ root: node }: Canonical): Canonical => ({ diagrams, root: branchNode(diagrams, where, node, NO) });
  const compared = compareFunctions(there(actual), there(effects(canonicalise(policy, { diagrams }))));
  if (compared.kind === "same") {
    return { ok: true, value: policy, diagnostics };
  }
  return error({ code: "filter-not-proved", message: "the policy could not be proved equal to the filter" });
}

/**
 * The policy that a filter enforces. Errors: `filter-not-followed`, `filter-no-default`, `filter-wide-numbers`,
 * `filter-not-arguments`, `filter-not-proved`. Warnings where the policy is exact only for the architectures that it
 * names: `filter-foreign`, and `filter-abi-left-out` for a secondary ABI that no policy can express.
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
