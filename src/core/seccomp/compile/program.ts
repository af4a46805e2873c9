/** A function in canonical form as a program: weights for the words that name the call, steps, layout. */
import type { Program } from "../../bpf/instruction.ts";
import type { Canonical } from "../canonical/canonical.ts";
import type { NodeId } from "../diagram/diagram.ts";
import { ARCH_WORD, NUMBER_WORD } from "../diagram/words.ts";
import { type Maker, stepsOfNode } from "./decide.ts";
import type { Segment } from "./dispatch.ts";
import { layOut } from "./layout.ts";
import { createSteps, type StepId, type Steps } from "./steps.ts";
import { totalOf, type Weights, weighed } from "./weigh.ts";

/** What to minimise: the program, or what runs of it at each call. */
export type Goal = "size" | "speed";

/** What one more test in the program costs, in tests run per call. */
const PER_TEST = { size: 1000, speed: 0.002 } as const;

/** Another way to make the steps of a node, which may ask for the usual one; undefined for that one. */
export type Special = (graph: Steps, id: NodeId, usual: () => StepId) => StepId | undefined;

/** How to make a program. */
export interface ProgramOptions {
  readonly weights: Weights;
  readonly goal: Goal;
  readonly littleEndian: boolean;
  readonly special: Special;
}

/** The intervals of the node that decides the architecture, and of those that decide the number under each. */
function segmentsOf({ diagrams, root }: Canonical, weights: Weights): ReadonlyMap<NodeId, readonly Segment[]> {
  const found = new Map<NodeId, readonly Segment[]>();
  const counts = new Map<NodeId, Map<number, number>>();
  const top = diagrams.nodes[root];
  const archs = new Map([...weights].map(([arch, numbers]) => [arch, totalOf(numbers)]));
  const underArch = top?.kind === "ranges" && top.word === ARCH_WORD ? top : undefined;
  if (underArch !== undefined) {
    found.set(root, weighed(underArch.starts, underArch.targets, archs));
  }
  for (const [arch, numbers] of weights) {
    const place = underArch?.starts.findLastIndex((start) => start <= arch) ?? -1;
    const id = underArch?.targets[place] ?? root;
    const own = counts.get(id) ?? new Map<number, number>();
    for (const [number, count] of numbers) {
      own.set(number, (own.get(number) ?? 0) + count);
    }
    counts.set(id, own);
  }
  for (const [id, numbers] of counts) {
    const node = diagrams.nodes[id];
    if (node?.kind === "ranges" && node.word === NUMBER_WORD) {
      found.set(id, weighed(node.starts, node.targets, numbers));
    }
  }
  return found;
}

/** The program of a function; nothing is proved here. */
export function programOf(canonical: Canonical, options: ProgramOptions): Program {
  const graph = createSteps();
  const segments = segmentsOf(canonical, options.weights);
  const maker: Maker = {
    diagrams: canonical.diagrams,
    graph,
    perTest: PER_TEST[options.goal],
    special: (id, usual) => options.special(graph, id, usual),
    segments: (id) => segments.get(id),
    made: new Map(),
  };
  return layOut(graph, stepsOfNode(maker, canonical.root), options.littleEndian);
}
