/**
 * Where a function is not NO, in people's terms: calls by name and ABI, grouped where they are alike, with an input for
 * each. For comparisons, whose functions say where two filters differ.
 */
import type { SeccompData } from "../../bpf/data.ts";
import { ABIS, type Abi, abiOf, tableOf, X32_SYSCALL_BIT } from "../../kernel/syscalls/syscall.ts";
import { SKIPPED } from "../canonical/canonical.ts";
import { archIntervals, intervalsOf } from "../canonical/intervals.ts";
import { branchNode } from "../diagram/combine.ts";
import { between } from "../diagram/condition.ts";
import { type Diagrams, type Leaf, leafOf, NO, type NodeId, topWord } from "../diagram/diagram.ts";
import { restrict } from "../diagram/restrict.ts";
import { dataOf, findInput } from "../diagram/witness.ts";
import { ARCH_WORD, NUMBER_WORD } from "../diagram/words.ts";
import { unnamed } from "../policy/error-numbers.ts";
import type { FilterAction } from "../policy/policy.ts";
import { actionOfValue } from "../policy/return-value.ts";

/** One input and both answers. */
export interface Example {
  readonly data: SeccompData;
  readonly first: FilterAction;
  readonly second: FilterAction;
}

const KNOWN: ReadonlySet<number> = new Set(ABIS.map((abi) => tableOf(abi).audit));

/** Cuts an interval of numbers where one ABI ends and another begins. */
function byAbi(arch: number | undefined, from: number, to: number): readonly (readonly [number, number])[] {
  if (arch !== tableOf("x86_64").audit) {
    return [[from, to]];
  }
  const cuts = [X32_SYSCALL_BIT, SKIPPED].filter((cut) => cut > from && cut <= to);
  const starts = [from, ...cuts];
  return starts.map((start, place) => [start, (starts[place + 1] ?? to + 1) - 1]);
}

/** Numbers of one ABI that share a difference. */
export interface Group {
  /** AUDIT_ARCH of the examples, by whose ABI the calls are named. */
  readonly arch: number;
  /** undefined: several architectures alike, with a table or without. */
  readonly abi: Abi | undefined;
  readonly node: NodeId;
  /** Inclusive intervals. */
  readonly numbers: (readonly [number, number])[];
}

/** An architecture to show for an interval: one with a table, if there is any. */
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

/** A function that still tests the number, limited to an interval of it; NO elsewhere. */
function within(diagrams: Diagrams, node: NodeId, [from, to]: readonly [number, number]): NodeId {
  if (topWord(diagrams, node) !== NUMBER_WORD) {
    return node;
  }
  return branchNode(diagrams, between(diagrams, NUMBER_WORD, from, to), node, NO);
}

function cellsOf(diagrams: Diagrams, root: NodeId): readonly Cell[] {
  return archIntervals(diagrams, root).flatMap(({ from, to, node: underArch }) => {
    const arch = shownArch(from, to);
    const single = from === to && KNOWN.has(from);
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

/** Cells that differ in the same way, as one; the first architecture without a table stands for all of them. */
export function groupsOf(diagrams: Diagrams, root: NodeId): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { arch, abi, numbers, node } of cellsOf(diagrams, root)) {
    const key = `${abi ?? "-"}:${node}`;
    const group = groups.get(key) ?? { arch, abi, node, numbers: [] };
    if (group.arch === arch) {
      group.numbers.push(numbers);
    }
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The names of a group's calls that differ, in the ABI of its architecture. */
export function namesIn(diagrams: Diagrams, { arch, numbers, node }: Group): readonly string[] {
  const abi = abiOf(arch, numbers[0]?.[0] ?? 0);
  if (abi === undefined) {
    return [];
  }
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

/** The action that a leaf returns; that of value 0 if it returns none. */
export function actionAt(diagrams: Diagrams, id: NodeId): FilterAction {
  const leaf = leafOf(diagrams, id);
  return actionOfValue(leaf?.kind === "return" ? leaf.value : 0);
}

/** An input of a group whose pair of answers is a wanted one; `gave-up`: undecided. */
export function exampleIn(
  diagrams: Diagrams,
  group: Group,
  isWanted: (leaf: Leaf) => boolean,
): Example | undefined | "gave-up" {
  const found = findInput(diagrams, group.node, isWanted);
  if (found === "gave-up") {
    return found;
  }
  if (found?.leaf.kind !== "pair") {
    return undefined;
  }
  const nr = found.words.get(NUMBER_WORD) ?? shownNumber(diagrams, group);
  const arch = topWord(diagrams, group.node) === ARCH_WORD ? found.words.get(ARCH_WORD) : undefined;
  const data = { ...dataOf(found.words), arch: arch ?? group.arch, nr };
  const at = (id: NodeId): FilterAction => unnamed(actionAt(diagrams, id), abiOf(data.arch, nr));
  return { data, first: at(found.leaf.a), second: at(found.leaf.b) };
}
