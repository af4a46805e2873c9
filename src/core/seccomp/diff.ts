/**
 * Two filters compared for every input: where the second one is stricter or looser than the first, call by call, with an
 * input that shows it. Stricter and looser follow the kernel's order of actions (seccomp(2)).
 */
import type { SeccompData } from "../bpf/data.ts";
import { ABIS, type Abi, abiOf, tableOf, X32_SYSCALL_BIT } from "../kernel/syscalls/syscall.ts";
import { effects, SKIPPED } from "./canonical.ts";
import { ENTANGLED, type Undecided, unknownPart, withDiagrams } from "./compare.ts";
import { branchNode, combineLeaves } from "./diagram/combine.ts";
import { between } from "./diagram/condition.ts";
import { type Diagrams, type Leaf, leafNode, leafOf, NO, type NodeId, topWord } from "./diagram/diagram.ts";
import { restrict } from "./diagram/restrict.ts";
import { dataOf, findInput } from "./diagram/witness.ts";
import { ARCH_WORD, NUMBER_WORD } from "./diagram/words.ts";
import { unnamed } from "./error-numbers.ts";
import { rankOf } from "./evaluate.ts";
import { type Filter, functionOfFilter } from "./filter.ts";
import { archIntervals, intervalsOf } from "./intervals.ts";
import type { FilterAction } from "./policy.ts";
import { actionOfValue } from "./return-value.ts";

/**
 * How the second filter answers where it differs: it lets less through, or more, or something else that is neither (another
 * error number).
 */
export type Direction = "stricter" | "looser" | "other";

/** One input and both answers. */
export interface Example {
  readonly data: SeccompData;
  readonly first: FilterAction;
  readonly second: FilterAction;
}

/** Calls on which two filters differ in the same way. */
export interface Difference {
  /** undefined: several architectures alike, with a table or without. */
  readonly abi: Abi | undefined;
  /** AUDIT_ARCH of the examples, by whose ABI the calls are named. */
  readonly arch: number;
  /** Inclusive intervals of numbers. */
  readonly numbers: readonly (readonly [number, number])[];
  /** Names of the calls among them. */
  readonly calls: readonly string[];
  /** One input for each direction in which they differ; more than one: it depends on the arguments. */
  readonly examples: { readonly [direction in Direction]?: Example };
}

/** How the second filter compares with the first as a whole. */
export type Relation = "equal" | "stricter" | "looser" | "incomparable";

/** What came of a comparison. */
export type Diff =
  | { readonly kind: "compared"; readonly relation: Relation; readonly differences: readonly Difference[] }
  | Undecided;

/** Where two functions differ: NO, unknown, or both answers. */
function differenceOf(diagrams: Diagrams, a: NodeId, b: NodeId): NodeId {
  return combineLeaves(diagrams, a, b, (first, second) => {
    if (first.kind === "unknown") return leafNode(diagrams, first);
    if (second.kind === "unknown") return leafNode(diagrams, second);
    const [left, right] = [leafNode(diagrams, first), leafNode(diagrams, second)];
    return left === right ? NO : leafNode(diagrams, { kind: "pair", a: left, b: right });
  });
}

function actionAt(diagrams: Diagrams, id: NodeId): FilterAction {
  const leaf = leafOf(diagrams, id);
  return actionOfValue(leaf?.kind === "return" ? leaf.value : 0);
}

function directionOf(diagrams: Diagrams, leaf: Leaf): Direction | undefined {
  if (leaf.kind !== "pair") return undefined;
  const order = rankOf(actionAt(diagrams, leaf.b)) - rankOf(actionAt(diagrams, leaf.a));
  if (order === 0) return "other";
  return order < 0 ? "stricter" : "looser";
}

const known: ReadonlySet<number> = new Set(ABIS.map((abi) => tableOf(abi).audit));

/** Cuts an interval of numbers where one ABI ends and another begins. */
function byAbi(arch: number | undefined, from: number, to: number): readonly (readonly [number, number])[] {
  if (arch !== tableOf("x86_64").audit) return [[from, to]];
  const cuts = [X32_SYSCALL_BIT, SKIPPED].filter((cut) => cut > from && cut <= to);
  const starts = [from, ...cuts];
  return starts.map((start, place) => [start, (starts[place + 1] ?? to + 1) - 1]);
}

/** Numbers of one ABI that share a difference. */
interface Group {
  readonly arch: number;
  readonly abi: Abi | undefined;
  readonly node: NodeId;
  readonly numbers: (readonly [number, number])[];
}

/** An architecture to show of an interval: one with a table, if there is any. */
function shownArch(from: number, to: number): number {
  const inside = ABIS.map((abi) => tableOf(abi).audit).find((audit) => audit >= from && audit <= to);
  return inside ?? from;
}

/** One interval of architectures and one of numbers in it. */
interface Cell {
  readonly arch: number;
  readonly abi: Abi | undefined;
  readonly numbers: readonly [number, number];
  readonly node: NodeId;
}

/** The function where the number lies in an interval, for one that still tests the number; NO elsewhere. */
function within(diagrams: Diagrams, node: NodeId, [from, to]: readonly [number, number]): NodeId {
  if (topWord(diagrams, node) !== NUMBER_WORD) return node;
  return branchNode(diagrams, between(diagrams, NUMBER_WORD, from, to), node, NO);
}

function cellsOf(diagrams: Diagrams, root: NodeId): readonly Cell[] {
  return archIntervals(diagrams, root).flatMap(({ from, to, node: underArch }) => {
    const arch = shownArch(from, to);
    const single = from === to && known.has(from);
    return intervalsOf(diagrams, underArch, NUMBER_WORD)
      .filter(({ node }) => node !== NO)
      .flatMap((interval) =>
        byAbi(arch, interval.from, interval.to).map((numbers) => ({
          arch,
          abi: single ? abiOf(arch, numbers[0]) : undefined,
          numbers,
          node: within(diagrams, interval.node, numbers),
        })),
      );
  });
}

/** Cells that differ alike, as one; all architectures without a table are shown by the first of them. */
function groupsOf(diagrams: Diagrams, root: NodeId): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { arch, abi, numbers, node } of cellsOf(diagrams, root)) {
    const key = `${abi ?? "-"}:${node}`;
    const group = groups.get(key) ?? { arch, abi, node, numbers: [] };
    if (group.arch === arch) group.numbers.push(numbers);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The names of the calls in some intervals that differ, as the ABI of an architecture has them. */
function namesIn(diagrams: Diagrams, { arch, numbers, node }: Group): readonly string[] {
  const abi = abiOf(arch, numbers[0]?.[0] ?? 0);
  if (abi === undefined) return [];
  const byBits = topWord(diagrams, node) === NUMBER_WORD;
  const inside = (number: number): boolean =>
    numbers.some(([from, to]) => number >= from && number <= to) &&
    !(byBits && restrict(diagrams, node, NUMBER_WORD, number) === NO);
  return Object.entries(tableOf(abi).numbers)
    .filter(([, number]) => inside(number))
    .map(([name]) => name)
    .sort();
}

/** A number to show: one that is a call, if there is any. */
function shownNumber(diagrams: Diagrams, group: Group): number {
  const first = group.numbers[0]?.[0] ?? 0;
  const abi = abiOf(group.arch, first);
  const name = namesIn(diagrams, group)[0];
  return abi === undefined || name === undefined ? first : (tableOf(abi).numbers[name] ?? first);
}

/** What of a group is certain: its differences, or why it could not be told. */
function differenceIn(diagrams: Diagrams, group: Group): Difference | Undecided | undefined {
  const examples: { [direction in Direction]?: Example } = {};
  for (const direction of ["stricter", "looser", "other"] as const) {
    const found = findInput(diagrams, group.node, (leaf) => directionOf(diagrams, leaf) === direction);
    if (found === "gave-up") return ENTANGLED;
    if (found?.leaf.kind !== "pair") continue;
    const nr = found.words.get(NUMBER_WORD) ?? shownNumber(diagrams, group);
    const arch = topWord(diagrams, group.node) === ARCH_WORD ? found.words.get(ARCH_WORD) : undefined;
    const data = { ...dataOf(found.words), arch: arch ?? group.arch, nr };
    const at = (id: NodeId): FilterAction => unnamed(actionAt(diagrams, id), abiOf(data.arch, nr));
    examples[direction] = { data, first: at(found.leaf.a), second: at(found.leaf.b) };
  }
  const gap = unknownPart(diagrams, group.node);
  if (gap !== undefined) return gap;
  if (Object.keys(examples).length === 0) return undefined;
  const { abi, arch, numbers } = group;
  return { abi, arch, numbers, calls: namesIn(diagrams, group), examples };
}

function relationOf(differences: readonly Difference[]): Relation {
  const directions = new Set(differences.flatMap(({ examples }) => Object.keys(examples)));
  if (directions.size === 0) return "equal";
  if (directions.size > 1) return "incomparable";
  if (directions.has("stricter")) return "stricter";
  return directions.has("looser") ? "looser" : "incomparable";
}

function diffIn(diagrams: Diagrams, first: Filter, second: Filter): Diff {
  const [a, b] = [first, second].map((filter) => effects(functionOfFilter(filter, diagrams)).root);
  if (a === undefined || b === undefined) return ENTANGLED;
  const found = groupsOf(diagrams, differenceOf(diagrams, a, b)).map((group) => differenceIn(diagrams, group));
  const differences: Difference[] = [];
  for (const each of found) {
    if (each === undefined) continue;
    if ("kind" in each) return each;
    differences.push(each);
  }
  return { kind: "compared", relation: relationOf(differences), differences };
}

/**
 * Compares two filters for every input. The relation says what the second is in comparison with the first: `stricter`
 * if it never lets more through; `incomparable` also where only the error numbers differ. `unknown` where a program does
 * what cannot be followed.
 *
 * @example
 * import { denyList, diffFilters } from "cloison";
 * import assert from "node:assert";
 * const deny = (calls) => ({ kind: "policy", policy: denyList(calls, { kind: "errno", errno: "EPERM" }, ["x86_64"]) });
 * const diff = diffFilters(deny(["reboot"]), deny(["reboot", "swapon"]));
 * assert.equal(diff.relation, "stricter");
 * assert.deepEqual(diff.differences[0].calls, ["swapon"]);
 * assert.equal(diff.differences[0].examples.stricter.data.nr, 167);
 */
export function diff(first: Filter, second: Filter): Diff {
  return withDiagrams((diagrams) => diffIn(diagrams, first, second));
}
