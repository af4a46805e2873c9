/**
 * What a filter does, as data for people: per ABI the calls that always get the same, the others with their conditions.
 */
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import { type Branch, branchesOf } from "../canonical/branches.ts";
import { numbersOfAbi } from "../canonical/canonical.ts";
import { clipped, constantOf, type Interval, intervalsOf, intervalText, underArch } from "../canonical/intervals.ts";
import { type Diagrams, leafOf, type NodeId } from "../diagram/diagram.ts";
import { childrenOf } from "../diagram/reach.ts";
import { restrict } from "../diagram/restrict.ts";
import { NUMBER_WORD } from "../diagram/words.ts";
import { rankOf } from "../policy/evaluate.ts";
import type { FilterAction, Policy } from "../policy/policy.ts";
import { anyText, areListable, noneText } from "./sentence.ts";

/** Calls that get one action whatever their arguments. */
export interface ConstantCalls {
  readonly action: FilterAction;
  readonly calls: readonly string[];
  /** Inclusive intervals of numbers without a call in the table. */
  readonly unnamed: readonly (readonly [number, number])[];
}

/** Calls whose arguments decide, all in the same way. */
export interface ConditionalCalls {
  /** Names, or intervals of numbers without one. */
  readonly calls: readonly string[];
  /** What they get, in order; the last one is unconditional. No action: the filter could not be followed there. */
  readonly ways: readonly { readonly when: string; readonly action: FilterAction | undefined }[];
}

/** What one ABI gets. */
export interface AbiExplanation {
  readonly abi: Abi;
  /** What all other numbers get; undefined where that depends on arguments, or on bits of the number. */
  readonly otherwise: FilterAction | undefined;
  readonly constant: readonly ConstantCalls[];
  readonly conditional: readonly ConditionalCalls[];
}

type Ways = ConditionalCalls["ways"];

/** Consecutive branches with the same outcome that can be told as one list. */
interface Run {
  readonly alternatives: readonly Branch["when"][];
  readonly leaf: NodeId;
}

function runsOf(branches: readonly Branch[]): readonly Run[] {
  const found: Run[] = [];
  for (const { when, leaf } of branches) {
    const last = found.at(-1);
    const longer = [...(last?.alternatives ?? []), when];
    if (last?.leaf === leaf && areListable(longer)) {
      found[found.length - 1] = { alternatives: longer, leaf };
    } else {
      found.push({ alternatives: [when], leaf });
    }
  }
  return found;
}

/** The branches of a call in words. */
function waysOf(diagrams: Diagrams, abi: Abi, call: string, branches: readonly Branch[]): Ways {
  const actionOf = ({ leaf }: Pick<Branch, "leaf">): FilterAction | undefined => constantOf(diagrams, leaf, abi);
  const leaves = [...new Set(branches.map(({ leaf }) => leaf))];
  const named = branches.slice(0, -1);
  const last = branches.at(-1);
  const same = new Set(named.map(({ leaf }) => leaf)).size === 1 && leaves.length === 2;
  const [inside, outside] = [named[0], last].map((branch) => (branch === undefined ? undefined : actionOf(branch)));
  if (!same || inside === undefined || outside === undefined) {
    return runsOf(branches).map((run) => ({ when: anyText(abi, call, run.alternatives), action: actionOf(run) }));
  }
  // Two outcomes: the condition of the more lenient one is spelt out, the other one is the rest.
  const alternatives = named.map(({ when }) => when);
  return rankOf(inside) > rankOf(outside)
    ? [
        { when: anyText(abi, call, alternatives), action: inside },
        { when: "always", action: outside },
      ]
    : [
        { when: noneText(abi, call, alternatives), action: outside },
        { when: "always", action: inside },
      ];
}

function unnamedIn(abi: Abi, { from, to }: Interval): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const named = Object.values(tableOf(abi).numbers).filter((number) => number >= from && number <= to);
  let start = from;
  for (const number of named.sort((a, b) => a - b)) {
    if (number > start) {
      found.push([start, number - 1]);
    }
    start = number + 1;
  }
  return start <= to ? [...found, [start, to]] : found;
}

function namedIn(abi: Abi, { from, to }: Interval): readonly string[] {
  return Object.entries(tableOf(abi).numbers)
    .filter(([, number]) => number >= from && number <= to)
    .map(([name]) => name);
}

/** The node that the most numbers lead to. */
function widest(intervals: readonly Interval[]): NodeId | undefined {
  const sizes = new Map<NodeId, number>();
  for (const { from, to, node } of intervals) {
    sizes.set(node, (sizes.get(node) ?? 0) + to - from + 1);
  }
  return [...sizes].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** Whether numbers are told apart by their bits, which makes for intervals that nobody can read. */
function testsBits(diagrams: Diagrams, under: NodeId): boolean {
  const node = diagrams.nodes[under];
  return node?.kind === "bits" && node.word === NUMBER_WORD;
}

/** The numbers that have a name, each by itself. */
function namedIntervals(diagrams: Diagrams, under: NodeId, abi: Abi): readonly Interval[] {
  const numbers = [...new Set(Object.values(tableOf(abi).numbers))].sort((a, b) => a - b);
  return numbers.map((number) => ({
    from: number,
    to: number,
    node: restrict(diagrams, under, NUMBER_WORD, number),
  }));
}

/** What a function decides for one ABI. */
export function explainAbi(diagrams: Diagrams, root: NodeId, abi: Abi): AbiExplanation {
  const shape: Policy = {
    abis: { x86_64: { rules: [], otherwise: { kind: "allow" } } },
    foreign: { kind: "allow" },
  };
  const under = underArch(diagrams, root, tableOf(abi).audit);
  const byBits = testsBits(diagrams, under);
  const all = byBits ? namedIntervals(diagrams, under, abi) : intervalsOf(diagrams, under, NUMBER_WORD);
  const intervals = clipped(all, numbersOfAbi(abi, shape));
  const rest = byBits ? undefined : widest(intervals);
  const groups = new Map<NodeId, { calls: string[]; unnamed: (readonly [number, number])[] }>();
  for (const interval of intervals) {
    const group = groups.get(interval.node) ?? { calls: [], unnamed: [] };
    group.calls.push(...namedIn(abi, interval));
    if (interval.node !== rest) {
      group.unnamed.push(...unnamedIn(abi, interval));
    }
    groups.set(interval.node, group);
  }
  const constant: ConstantCalls[] = [];
  const conditional: ConditionalCalls[] = [];
  for (const [node, { calls, unnamed }] of groups) {
    const action = constantOf(diagrams, node, abi);
    if (action !== undefined) {
      constant.push({ action, calls: calls.sort(), unnamed });
    } else {
      conditional.push(...conditionalCalls(diagrams, abi, [...calls, ...unnamed.map(numberText)], node));
    }
  }
  const otherwise = rest === undefined ? undefined : constantOf(diagrams, rest, abi);
  const byRank = constant.filter(({ calls, unnamed }) => calls.length + unnamed.length > 0);
  return {
    abi,
    otherwise,
    constant: byRank.sort((a, b) => rankOf(b.action) - rankOf(a.action)),
    conditional: conditional.sort((a, b) => ((a.calls[0] ?? "") < (b.calls[0] ?? "") ? -1 : 1)),
  };
}

function numberText(numbers: readonly [number, number]): string {
  return `${numbers[0] === numbers[1] ? "number" : "numbers"} ${intervalText(numbers)}`;
}

/** The most outcomes that are told for a call, and the most conditions in all of them. */
const MOST_WAYS = 200;
const MOST_CONDITIONS = 600;

function readableBranches(diagrams: Diagrams, node: NodeId): readonly Branch[] | undefined {
  const branches = branchesOf(diagrams, node, MOST_WAYS);
  const conditions = branches?.reduce((sum, { when }) => sum + when.length, 0) ?? 0;
  return conditions > MOST_CONDITIONS ? undefined : branches;
}

/** Only the outcomes, where more than arguments is tested or the conditions are too many to read. */
function outcomesOf(diagrams: Diagrams, abi: Abi, node: NodeId): Ways {
  const seen = new Set<NodeId>([node]);
  for (const id of seen) {
    for (const child of childrenOf(diagrams, id)) {
      seen.add(child);
    }
  }
  const leaves = [...seen].filter((id) => leafOf(diagrams, id) !== undefined);
  const actions = new Map(
    leaves.map((leaf) => constantOf(diagrams, leaf, abi)).map((each) => [JSON.stringify(each), each]),
  );
  const ranked = [...actions.values()].sort((x, y) => rank(y) - rank(x));
  return ranked.map((action, place) => ({ when: place + 1 < ranked.length ? "in some cases" : "always", action }));
}

/** The more is let through, the higher; what could not be followed comes last. */
function rank(action: FilterAction | undefined): number {
  return action === undefined ? Number.NEGATIVE_INFINITY : rankOf(action);
}

/** The calls of one node, grouped by their wording, which may differ as their arguments have names of their own. */
function conditionalCalls(
  diagrams: Diagrams,
  abi: Abi,
  calls: readonly string[],
  node: NodeId,
): readonly ConditionalCalls[] {
  const branches = readableBranches(diagrams, node);
  const groups = new Map<string, { readonly calls: string[]; readonly ways: Ways }>();
  for (const call of [...calls].sort()) {
    const ways = branches === undefined ? outcomesOf(diagrams, abi, node) : waysOf(diagrams, abi, call, branches);
    const key = JSON.stringify(ways);
    const group = groups.get(key) ?? { calls: [], ways };
    group.calls.push(call);
    groups.set(key, group);
  }
  return [...groups.values()];
}
