/**
 * A filter as a policy: what each architecture gets, by rules on numbers and arguments. What comes out is proved against
 * the filter: either it is exact, or a warning says in what it is not.
 */
import type { Diagnostic, Parsed } from "../diagnostic/diagnostic.ts";
import { ABIS, type Abi, tableOf } from "../kernel/syscalls/syscall.ts";
import { canonicalise, effects, numbersOfAbi } from "./canonical.ts";
import { branchesOf } from "./cells.ts";
import { type Diagrams, leafOf, type NodeId } from "./diagram/diagram.ts";
import { ARCH_WORD, NUMBER_WORD } from "./diagram/words.ts";
import { type Filter, functionOfFilter } from "./filter.ts";
import type { AbiPolicy, FilterAction, Policy, Rule } from "./policy.ts";
import { compareFunctions, unknownPart, withDiagrams } from "./prove.ts";
import { actionOfValue } from "./return-value.ts";

/** Inclusive interval of a word and the function that follows. */
export interface Span32 {
  readonly from: number;
  readonly to: number;
  readonly node: NodeId;
}

/** The intervals of a function of this word; a single one for a function that does not test it. */
export function spansOf(diagrams: Diagrams, id: NodeId, word: number): readonly Span32[] {
  const node = diagrams.nodes[id];
  if (node?.kind !== "ranges" || node.word !== word) return [{ from: 0, to: 0xffffffff, node: id }];
  return node.starts.map((from, place) => ({
    from,
    to: (node.starts[place + 1] ?? 2 ** 32) - 1,
    node: node.targets[place] ?? 0,
  }));
}

/** The function of the numbers under an AUDIT_ARCH. */
export function underArch(diagrams: Diagrams, root: NodeId, audit: number): NodeId {
  const span = spansOf(diagrams, root, ARCH_WORD).find(({ from, to }) => audit >= from && audit <= to);
  return span?.node ?? root;
}

/** The part of some intervals that lies in others. */
export function clipped(spans: readonly Span32[], to: readonly (readonly [number, number])[]): readonly Span32[] {
  return to.flatMap(([first, last]) =>
    spans
      .filter((span) => span.from <= last && span.to >= first)
      .map(({ from, to: end, node }) => ({ from: Math.max(from, first), to: Math.min(end, last), node })),
  );
}

/** The action of a leaf; undefined for a function that tests anything. */
export function constantOf(diagrams: Diagrams, id: NodeId): FilterAction | undefined {
  const leaf = leafOf(diagrams, id);
  return leaf?.kind === "return" ? actionOfValue(leaf.value) : undefined;
}

/** The ABIs that a function tells apart, by the architectures that stand alone in it. */
export function abisOf(diagrams: Diagrams, root: NodeId): readonly Abi[] {
  const single = new Set(spansOf(diagrams, root, ARCH_WORD).flatMap(({ from, to }) => (from === to ? [from] : [])));
  return ABIS.filter((abi) => single.has(tableOf(abi).audit));
}

/** The constant function that covers the most values. */
function widest(diagrams: Diagrams, spans: readonly Span32[]): NodeId | undefined {
  const sizes = new Map<NodeId, number>();
  for (const { from, to, node } of spans) {
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

function numbersIn(spans: readonly Span32[]): readonly number[] | undefined {
  const count = spans.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (count > MOST_NUMBERS) return undefined;
  return spans.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, place) => from + place));
}

function rulesOf(
  diagrams: Diagrams,
  calls: readonly number[],
  node: NodeId,
  otherwise: NodeId,
): readonly Rule[] | undefined {
  const branches = branchesOf(diagrams, node);
  const needed = branches?.at(-1)?.leaf === otherwise ? branches.slice(0, -1) : branches;
  const rules = needed?.map(({ when, leaf }) => ({ calls, when, action: constantOf(diagrams, leaf) }));
  return rules?.every((rule): rule is Rule => rule.action !== undefined) === true ? rules : undefined;
}

function abiPolicy(diagrams: Diagrams, abi: Abi, spans: readonly Span32[]): AbiPolicy | Failure {
  const otherwise = widest(diagrams, spans);
  const action = otherwise === undefined ? undefined : constantOf(diagrams, otherwise);
  if (otherwise === undefined || action === undefined) {
    return { code: "filter-no-default", message: `${abi}: what most numbers get depends on arguments` };
  }
  const byNode = new Map<NodeId, Span32[]>();
  for (const span of spans)
    if (span.node !== otherwise) byNode.set(span.node, [...(byNode.get(span.node) ?? []), span]);
  const rules: Rule[] = [];
  for (const [node, own] of byNode) {
    const calls = numbersIn(own);
    if (calls === undefined) {
      return { code: "filter-wide-numbers", message: `${abi}: two actions for more than ${MOST_NUMBERS} numbers each` };
    }
    const made = rulesOf(diagrams, calls, node, otherwise);
    if (made === undefined) {
      return { code: "filter-not-arguments", message: `${abi}: call ${calls[0]}: more is tested than rules can say` };
    }
    rules.push(...made);
  }
  return { rules, otherwise: action };
}

/** What architectures get that no ABI of the policy stands for. */
function foreignOf(diagrams: Diagrams, root: NodeId, abis: readonly Abi[]): FilterAction | undefined {
  const own = new Set(abis.map((abi) => tableOf(abi).audit));
  const spans = spansOf(diagrams, root, ARCH_WORD).filter(({ from, to }) => from !== to || !own.has(from));
  const nodes = new Set(spans.map(({ node }) => node));
  const [node] = nodes;
  return node !== undefined && nodes.size === 1 ? constantOf(diagrams, node) : undefined;
}

function policyIn(diagrams: Diagrams, root: NodeId, abis: readonly Abi[], foreign: FilterAction): Policy | Failure {
  const found: { [abi in Abi]?: AbiPolicy } = {};
  const shape: Policy = {
    abis: Object.fromEntries(abis.map((abi) => [abi, { rules: [], otherwise: foreign }])),
    foreign,
  };
  for (const abi of abis) {
    const spans = spansOf(diagrams, underArch(diagrams, root, tableOf(abi).audit), NUMBER_WORD);
    const own = abiPolicy(diagrams, abi, clipped(spans, numbersOfAbi(abi, shape)));
    if ("code" in own) return own;
    found[abi] = own;
  }
  return { abis: withoutEmpty(found, foreign), foreign };
}

/** x32 is left out where it gets what foreign architectures get. */
function withoutEmpty(abis: { readonly [abi in Abi]?: AbiPolicy }, foreign: FilterAction): Policy["abis"] {
  const { x32, ...others } = abis;
  if (x32 === undefined || (x32.rules.length === 0 && JSON.stringify(x32.otherwise) === JSON.stringify(foreign)))
    return others;
  return abis;
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
  const foreign = foreignOf(diagrams, root, abis);
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
