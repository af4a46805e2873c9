/**
 * What a function decides by architecture and number, the words that name the call, as intervals. Everything that
 * explains a filter to a person, or turns one into a policy, reads it this way.
 */
import { ABIS, type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import { branchNode } from "../diagram/combine.ts";
import { equals } from "../diagram/condition.ts";
import { type Diagrams, leafOf, NO, type NodeId } from "../diagram/diagram.ts";
import { restrict } from "../diagram/restrict.ts";
import { ARCH_WORD } from "../diagram/words.ts";
import type { FilterAction } from "../policy/policy.ts";
import { actionOfValue } from "../policy/return-value.ts";

/** Values of a 32-bit word, both ends included, and the function that follows. */
export interface Interval {
  readonly from: number;
  readonly to: number;
  readonly node: NodeId;
}

/** The maximal intervals of a word if the function tests it first; otherwise a single one. */
export function intervalsOf(diagrams: Diagrams, id: NodeId, word: number): readonly Interval[] {
  const node = diagrams.nodes[id];
  if (node?.kind !== "ranges" || node.word !== word) {
    return [{ from: 0, to: 0xffffffff, node: id }];
  }
  return node.starts.map((from, place) => ({
    from,
    to: (node.starts[place + 1] ?? 2 ** 32) - 1,
    node: node.targets[place] ?? NO,
  }));
}

/** The function of the numbers under an AUDIT_ARCH. */
export function underArch(diagrams: Diagrams, root: NodeId, audit: number): NodeId {
  return restrict(diagrams, root, ARCH_WORD, audit);
}

const AUDITS: readonly number[] = [...new Set(ABIS.map((abi) => tableOf(abi).audit))].sort((a, b) => a - b);

/**
 * The intervals of architectures. Where masks cut them into too many: each architecture with a table by itself, then
 * all the others together, whose function still tests the architecture.
 */
export function archIntervals(diagrams: Diagrams, root: NodeId): readonly Interval[] {
  if (diagrams.nodes[root]?.kind !== "bits") {
    return intervalsOf(diagrams, root, ARCH_WORD);
  }
  const own = AUDITS.map((audit) => ({ from: audit, to: audit, node: underArch(diagrams, root, audit) }));
  const others = AUDITS.reduce(
    (rest, audit) => branchNode(diagrams, equals(diagrams, ARCH_WORD, audit), NO, rest),
    root,
  );
  return [...own, { from: 0, to: 0xffffffff, node: others }];
}

/** The parts of some intervals that lie in others. */
export function clipped(
  intervals: readonly Interval[],
  inside: readonly (readonly [number, number])[],
): readonly Interval[] {
  return inside.flatMap(([first, last]) =>
    intervals
      .filter(({ from, to }) => from <= last && to >= first)
      .map(({ from, to, node }) => ({ from: Math.max(from, first), to: Math.min(to, last), node })),
  );
}

/**
 * The action of a constant function, its error named as on `abi`; undefined if it is not constant or was not followed.
 */
export function constantOf(diagrams: Diagrams, id: NodeId, abi?: Abi): FilterAction | undefined {
  const leaf = leafOf(diagrams, id);
  return leaf?.kind === "return" ? actionOfValue(leaf.value, abi) : undefined;
}

/** The ABIs that a function tells apart: those whose AUDIT_ARCH stands alone in it. */
export function abisOf(diagrams: Diagrams, root: NodeId): readonly Abi[] {
  const alone = new Set(
    intervalsOf(diagrams, root, ARCH_WORD)
      .filter(({ from, to }) => from === to)
      .map(({ from }) => from),
  );
  return ABIS.filter((abi) => alone.has(tableOf(abi).audit));
}

/** The intervals of architectures without those of some ABIs. */
export function foreignIntervals(diagrams: Diagrams, root: NodeId, abis: readonly Abi[]): readonly Interval[] {
  const own = new Set(abis.map((abi) => tableOf(abi).audit));
  return intervalsOf(diagrams, root, ARCH_WORD).filter(({ from, to }) => from !== to || !own.has(from));
}

/** What all architectures but those of the given ABIs get; undefined if that is more than one action. */
export function foreignAction(diagrams: Diagrams, root: NodeId, abis: readonly Abi[]): FilterAction | undefined {
  const nodes = new Set(foreignIntervals(diagrams, root, abis).map(({ node }) => node));
  const [node] = nodes;
  return node !== undefined && nodes.size === 1 ? constantOf(diagrams, node) : undefined;
}

/** An interval of numbers as a person reads it: `7`, `3…9`; `-1`, as the kernel calls the last one. */
export function intervalText([from, to]: readonly [number, number]): string {
  if (from !== to) {
    return `${from}…${to}`;
  }
  return String(from === 0xffffffff ? -1 : from);
}
