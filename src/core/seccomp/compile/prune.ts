/** Prunes steps that no input reaches: tests whose outcome is already known, and whatever only they lead to. */
import { OPCODES } from "../../bpf/opcode.ts";
import { branchNode } from "../diagram/combine.ts";
import { both, not } from "../diagram/condition.ts";
import { createDiagrams, type Diagrams, leafNode, NO, type NodeId, YES } from "../diagram/diagram.ts";
import { calculated, tested, wholeWord } from "../diagram/symbolic.ts";
import { type DecisionStep, following, type StepId, type Steps, stepOf, stepsFrom, TEST_CODES } from "./steps.ts";

/** Where a jump is taken. */
function taken(diagrams: Diagrams, { word, mask, test, value }: Extract<DecisionStep, { kind: "jump" }>): NodeId {
  const register = mask === undefined ? wholeWord(word) : calculated(OPCODES.AND, wholeWord(word), mask);
  const where = register === undefined ? undefined : tested(diagrams, TEST_CODES[test], register, value);
  return where ?? leafNode(diagrams, { kind: "unknown", at: -1, reason: "not a test of a word" });
}

/** The condition on each way out of a step where `here` holds, in the order of `following`. */
function onwards(diagrams: Diagrams, step: DecisionStep, here: NodeId): readonly NodeId[] {
  if (step.kind === "return") {
    return [];
  }
  if (step.kind !== "jump") {
    return [here];
  }
  const yes = taken(diagrams, step);
  return [both(diagrams, here, yes), both(diagrams, here, not(diagrams, yes))];
}

/** Steps from a root on, each before all that it leads to. */
function forwards(graph: Steps, root: StepId): readonly StepId[] {
  // Every step was made after those that it leads to.
  return [...stepsFrom(graph, root)].sort((a, b) => b - a);
}

/** Which ways out of each step can be taken. */
function openWays(diagrams: Diagrams, graph: Steps, order: readonly StepId[]): ReadonlyMap<StepId, readonly boolean[]> {
  const reached = new Map<StepId, NodeId>(order.slice(0, 1).map((root) => [root, YES]));
  const open = new Map<StepId, readonly boolean[]>();
  for (const id of order) {
    const [step, here] = [graph.steps[id], reached.get(id)];
    if (step === undefined || here === undefined) {
      continue;
    }
    const ways = onwards(diagrams, step, here);
    open.set(
      id,
      ways.map((where) => where !== NO),
    );
    for (const [way, next] of following(step).entries()) {
      const there = ways[way] ?? NO;
      if (there !== NO) {
        reached.set(next, branchNode(diagrams, there, YES, reached.get(next) ?? NO));
      }
    }
  }
  return open;
}

function rebuilt(graph: Steps, step: DecisionStep, open: readonly boolean[], to: (id: StepId) => StepId): StepId {
  switch (step.kind) {
    case "return":
      return stepOf(graph, step);
    case "load":
    case "and":
      return stepOf(graph, { ...step, next: to(step.next) });
    case "jump":
      if (open[0] === false) {
        return to(step.no);
      }
      return open[1] === false ? to(step.yes) : stepOf(graph, { ...step, yes: to(step.yes), no: to(step.no) });
  }
}

/** Enough for the rules that people write on one call; more entangled ones stay as they are. */
const BUDGET = 20_000;

/** The same steps without those that no input reaches. */
export function prune(graph: Steps, root: StepId): StepId {
  const diagrams = createDiagrams(BUDGET);
  const order = forwards(graph, root);
  const open = openWays(diagrams, graph, order);
  if (diagrams.budget < 0) {
    return root;
  }
  const made = new Map<StepId, StepId>();
  for (const id of [...order].reverse()) {
    const step = graph.steps[id];
    const ways = open.get(id);
    if (step !== undefined && ways !== undefined) {
      made.set(
        id,
        rebuilt(graph, step, ways, (next) => made.get(next) ?? next),
      );
    }
  }
  return made.get(root) ?? root;
}
