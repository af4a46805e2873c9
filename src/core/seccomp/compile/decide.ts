/**
 * Diagrams as steps: each node loads its word once and tells its intervals apart by the cheapest tree found, or its bits
 * by masks. A diagram shares its nodes, and so the steps are shared too.
 */
import { RETURN_ACTIONS } from "../../bpf/return-value.ts";
import { conditionAt } from "../diagram/atom.ts";
import { type BitId, bitsOfRanges, intervalsOver, isTerminal, nodeOfTerminal, rangesOfBits } from "../diagram/bits.ts";
import { cubeOf } from "../diagram/cube.ts";
import { type Diagrams, NO, type Node, type NodeId, TOO_LARGE, YES } from "../diagram/diagram.ts";
import { dispatch, type Segment, type Tree } from "./dispatch.ts";
import { reachable, type StepId, type Steps, stepOf } from "./steps.ts";

/** The context in which steps are made. */
export interface Maker {
  readonly diagrams: Diagrams;
  readonly graph: Steps;
  /** The price of one more test in the program, in tests run per call. */
  readonly perTest: number;
  /** Another way to make the steps of a node, which may ask for the usual one; undefined for that one. */
  readonly special: (id: NodeId, usual: () => StepId) => StepId | undefined;
  /** The segments of an interval node; undefined for the usual ones. */
  readonly segments: (id: NodeId) => readonly Segment[] | undefined;
  readonly made: Map<NodeId, StepId>;
}

/** The steps that compute the function of a node. An unknown leaf becomes a kill, but no program with one is proved. */
export function stepsOfNode(maker: Maker, id: NodeId): StepId {
  const known = maker.made.get(id);
  if (known !== undefined) {
    return known;
  }
  const made = maker.special(id, () => usual(maker, id)) ?? usual(maker, id);
  maker.made.set(id, made);
  return made;
}

function usual(maker: Maker, id: NodeId): StepId {
  const node = maker.diagrams.nodes[id];
  switch (node?.kind) {
    case "ranges": {
      const condition = conditionAt(maker.diagrams, node.word);
      if (condition !== undefined) {
        return stepsOfCondition(maker, condition, node.targets);
      }
      return stepsOfIntervals(maker, id, node);
    }
    case "bits":
      return stepsOfManyIntervals(maker, node);
    case "leaf": {
      const value = node.leaf.kind === "return" ? node.leaf.value : RETURN_ACTIONS.KILL_PROCESS;
      return stepOf(maker.graph, { kind: "return", value });
    }
    case undefined:
      return stepOf(maker.graph, { kind: "return", value: RETURN_ACTIONS.KILL_PROCESS });
  }
}

/** Above this many intervals, which masks tend to make, telling them apart by bits is tried as well. */
const FEW = 6;

function stepsOfIntervals(maker: Maker, id: NodeId, node: Extract<Node, { kind: "ranges" }>): StepId {
  const { graph, diagrams } = maker;
  const { word, starts, targets } = node;
  const own = maker.segments(id);
  const segments = own ?? evenly(starts, targets);
  const total = segments.reduce((sum, { weight }) => sum + weight, 0);
  const load = (next: StepId): StepId => stepOf(graph, { kind: "load", word, next });
  const byBits =
    own === undefined && starts.length > FEW
      ? load(stepsOfBits(maker, word, bitsOfRanges(diagrams.bits, starts, targets)))
      : undefined;
  const perTest = Math.max(total, 1) * maker.perTest;
  const byTree = load(stepsOfTree(maker, word, dispatch(segments, perTest, own === undefined ? SHORT_RUN : undefined)));
  return byBits !== undefined && reachable(graph, byBits) < reachable(graph, byTree) ? byBits : byTree;
}

/** More intervals than the 4096 tests of a filter can tell apart. */
const MOST_INTERVALS = 8192;

/**
 * The bits themselves, or a tree of the intervals that they cut, unless these outnumber what the bits cost in tests.
 */
function stepsOfManyIntervals(maker: Maker, { word, root }: Extract<Node, { kind: "bits" }>): StepId {
  const { graph, diagrams } = maker;
  const load = (next: StepId): StepId => stepOf(graph, { kind: "load", word, next });
  const byBits = load(stepsOfBits(maker, word, root));
  const count = intervalsOver(diagrams.bits, root, 32);
  // At least half of the intervals take a test each.
  if (count > Math.min(MOST_INTERVALS, 2 * reachable(graph, byBits))) {
    return byBits;
  }
  const { starts, targets } = rangesOfBits(diagrams.bits, root);
  const tree = dispatch(evenly(starts, targets), count * maker.perTest, SHORT_RUN);
  const byTree = load(stepsOfTree(maker, word, tree));
  return reachable(graph, byBits) < reachable(graph, byTree) ? byBits : byTree;
}

/** How many intervals of an argument are searched at once for the best tree: there may be many such nodes. */
const SHORT_RUN = 48;

/** The steps of an opaque condition: its own diagram, with its two successors in place of the leaves. */
function stepsOfCondition(maker: Maker, condition: NodeId, targets: readonly NodeId[]): StepId {
  const [no, yes] = targets.map((target) => stepsOfNode(maker, target));
  if (no === undefined || yes === undefined) {
    return usual(maker, TOO_LARGE);
  }
  const made = new Map([
    [NO, no],
    [YES, yes],
  ]);
  return stepsOfNode({ ...maker, made, special: () => undefined, segments: () => undefined }, condition);
}

function evenly(starts: readonly number[], targets: readonly NodeId[]): readonly Segment[] {
  return starts.map((from, place) => {
    const end = starts[place + 1] ?? 2 ** 32;
    return { from, single: end === from + 1, target: targets[place] ?? 0, weight: 1 };
  });
}

function stepsOfTree(maker: Maker, word: number, tree: Tree): StepId {
  if (tree.kind === "leaf") {
    return stepsOfNode(maker, tree.target);
  }
  const [yes, no] = [stepsOfTree(maker, word, tree.yes), stepsOfTree(maker, word, tree.no)];
  return stepOf(maker.graph, { kind: "jump", word, test: tree.kind, value: tree.value, yes, no });
}

function isOneBit(mask: number): boolean {
  return Number.isInteger(Math.log2(mask));
}

/** The steps for the bits of a word that has been loaded. */
function stepsOfBits(maker: Maker, word: number, root: BitId): StepId {
  const { graph, diagrams } = maker;
  if (isTerminal(root)) {
    return stepsOfNode(maker, nodeOfTerminal(root));
  }
  const { mask, value, pass, fail } = cubeOf(diagrams.bits, root);
  const go = (id: BitId): StepId => stepsOfBits(maker, word, id);
  if (value === 0) {
    return stepOf(graph, { kind: "jump", word, test: "any-bit", value: mask, yes: go(fail), no: go(pass) });
  }
  if (mask === 0xffffffff) {
    return stepOf(graph, { kind: "jump", word, test: "equal", value, yes: go(pass), no: go(fail) });
  }
  if (value === mask && isOneBit(mask)) {
    return stepOf(graph, { kind: "jump", word, test: "any-bit", value: mask, yes: go(pass), no: go(fail) });
  }
  // The mask clobbers the register, so another test of the word must reload it.
  const again = (id: BitId): StepId => {
    const next = go(id);
    return isTerminal(id) ? next : stepOf(graph, { kind: "load", word, next });
  };
  const next = stepOf(graph, { kind: "jump", word, mask, test: "equal", value, yes: again(pass), no: again(fail) });
  return stepOf(graph, { kind: "and", mask, next });
}
