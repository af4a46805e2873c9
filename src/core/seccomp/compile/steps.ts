/**
 * The form between diagram and program: a graph of instructions whose jumps are edges. Equal steps are one step, so
 * whatever two paths have in common exists once.
 */
import { OPCODES } from "../../bpf/opcode.ts";

/** A test of the word in the register against a constant. */
export type StepTest = "equal" | "at-least" | "any-bit";

/** The jump instruction for each test. */
export const TEST_CODES: Readonly<Record<StepTest, number>> = {
  equal: OPCODES.JEQ,
  "at-least": OPCODES.JGE,
  "any-bit": OPCODES.JSET,
};

/** Index of a step. */
export type StepId = number;

/** One instruction with what follows it. Offsets are of words (`diagram/words.ts`), not of bytes. */
export type DecisionStep =
  | { readonly kind: "return"; readonly value: number }
  | { readonly kind: "load"; readonly word: number; readonly next: StepId }
  | { readonly kind: "and"; readonly mask: number; readonly next: StepId }
  | {
      readonly kind: "jump";
      /** The word in the register, and its mask if any. Tests of different words or masks are never one step. */
      readonly word: number;
      readonly mask?: number;
      readonly test: StepTest;
      readonly value: number;
      readonly yes: StepId;
      readonly no: StepId;
    };

/** The steps of one filter; every step comes after those that it leads to. */
export interface Steps {
  readonly steps: DecisionStep[];
  readonly index: Map<string, StepId>;
}

/** A graph without steps. */
export function createSteps(): Steps {
  return { steps: [], index: new Map() };
}

function keyOf(step: DecisionStep): string {
  switch (step.kind) {
    case "return":
      return `r${step.value}`;
    case "load":
      return `l${step.word},${step.next}`;
    case "and":
      return `a${step.mask},${step.next}`;
    case "jump":
      return `${step.test}${step.value},${step.yes},${step.no},${step.word},${step.mask ?? ""}`;
  }
}

/** Whether what a step puts into the register is overwritten or dropped at once. */
function isLost(graph: Steps, step: DecisionStep): boolean {
  if (step.kind !== "load" && step.kind !== "and") {
    return false;
  }
  const next = graph.steps[step.next]?.kind;
  return next === "return" || next === "load";
}

/** Interns a step; a test with one outcome collapses into it, as does a load that nothing tests into what follows. */
export function stepOf(graph: Steps, step: DecisionStep): StepId {
  if (step.kind === "jump" && step.yes === step.no) {
    return step.yes;
  }
  if ((step.kind === "load" || step.kind === "and") && isLost(graph, step)) {
    return step.next;
  }
  const key = keyOf(step);
  const known = graph.index.get(key);
  if (known !== undefined) {
    return known;
  }
  graph.steps.push(step);
  graph.index.set(key, graph.steps.length - 1);
  return graph.steps.length - 1;
}

/** The steps that a step leads to. */
export function following(step: DecisionStep | undefined): readonly StepId[] {
  if (step === undefined || step.kind === "return") {
    return [];
  }
  return step.kind === "jump" ? [step.yes, step.no] : [step.next];
}

/** The steps that can be reached from one, itself included. */
export function stepsFrom(graph: Steps, root: StepId): ReadonlySet<StepId> {
  const seen = new Set<StepId>([root]);
  for (const id of seen) {
    for (const next of following(graph.steps[id])) {
      seen.add(next);
    }
  }
  return seen;
}

/** How many steps can be reached from one, itself included. */
export function reachable(graph: Steps, root: StepId): number {
  return stepsFrom(graph, root).size;
}

/** The length of the longest path from a step, itself included. */
export function longest(graph: Steps, root: StepId): number {
  const lengths = new Map<StepId, number>();
  // Every step was made after those that it leads to.
  for (const id of [...stepsFrom(graph, root)].sort((a, b) => a - b)) {
    const behind = following(graph.steps[id]).map((next) => lengths.get(next) ?? 0);
    lengths.set(id, 1 + Math.max(0, ...behind));
  }
  return lengths.get(root) ?? 0;
}
