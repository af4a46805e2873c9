/**
 * The rules behind the functions of a filter: they are compiled in order where that takes fewer steps than their
 * diagram, or where the diagram is too large to be made into steps.
 */
import { rulesByNumber, rulesNode } from "../canonical/canonical.ts";
import { type Diagrams, type NodeId, returnNode } from "../diagram/diagram.ts";
import { childrenOf } from "../diagram/reach.ts";
import { withErrorNumbers } from "../policy/error-numbers.ts";
import type { Policy, Rule } from "../policy/policy.ts";
import { valueOfAction } from "../policy/return-value.ts";
import type { Goal, Special } from "./program.ts";
import { prune } from "./prune.ts";
import { stepsOfRules } from "./rules.ts";
import { longest, reachable, type StepId, type Steps, stepOf } from "./steps.ts";

/** The rules that a node's function comes from: in order they may take fewer steps than the diagram. */
interface Source {
  readonly rules: readonly Rule[];
  readonly otherwise: number;
}

/** Adds the rules of a policy that test arguments, by the node of their function. */
function addSources(found: Map<NodeId, Source>, diagrams: Diagrams, policy: Policy): void {
  for (const own of Object.values(withErrorNumbers(policy).abis)) {
    const otherwise = valueOfAction(own.otherwise);
    const places = new Map(own.rules.map((rule, place) => [rule, place]));
    const seen = new Set<string>();
    for (const rules of rulesByNumber(own).values()) {
      const key = rules.map((rule) => places.get(rule)).join();
      if (rules.every((rule) => rule.when.length === 0) || seen.has(key)) {
        continue;
      }
      seen.add(key);
      found.set(rulesNode(diagrams, rules, returnNode(diagrams, otherwise)), { rules, otherwise });
    }
  }
}

/** A diagram of more nodes than this is not made into steps if rules in order will do. */
const LARGEST_DIAGRAM = 1500;

function sizeOf(diagrams: Diagrams, root: NodeId): number {
  const seen = new Set([root]);
  for (const id of seen) {
    for (const child of childrenOf(diagrams, id)) {
      seen.add(child);
    }
    if (seen.size > LARGEST_DIAGRAM) {
      break;
    }
  }
  return seen.size;
}

interface Maker {
  readonly diagrams: Diagrams;
  readonly graph: Steps;
  readonly goal: Goal;
}

/** When compiling for speed: if rules in order run this many times the steps of the diagram … */
const SLOWER = 2;
/** … the diagram may take up this many times their room in the program. */
const LARGER = 1.5;

/** The smaller of the two ways to compile rules; for speed the much faster one if it is not much larger. */
function better(maker: Maker, id: NodeId, source: Source, usual: () => StepId): StepId {
  const { diagrams, graph, goal } = maker;
  const { rules, otherwise } = source;
  const listed = prune(graph, stepsOfRules(graph, rules, stepOf(graph, { kind: "return", value: otherwise })));
  if (diagrams.atoms !== undefined || sizeOf(diagrams, id) > LARGEST_DIAGRAM) {
    return listed;
  }
  const decided = usual();
  const slower = goal === "speed" && longest(graph, listed) > SLOWER * longest(graph, decided);
  return reachable(graph, decided) <= reachable(graph, listed) * (slower ? LARGER : 1) ? decided : listed;
}

/** Another way to make the steps of the nodes that are what rules of these policies say. */
export function inOrder(diagrams: Diagrams, policies: readonly Policy[], goal: Goal): Special {
  const sources = new Map<NodeId, Source>();
  for (const policy of policies) {
    addSources(sources, diagrams, policy);
  }
  return (graph, id, usual) => {
    const source = sources.get(id);
    return source === undefined ? undefined : better({ diagrams, graph, goal }, id, source, usual);
  };
}
