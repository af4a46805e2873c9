/**
 * Lays steps out as a program. It is written backwards: whatever a step leads to is already in place, so every offset
 * is known when it is written. A conditional jump whose target is out of reach gets a bridge right after it: a copy of
 * the RET that it leads to, or a JA. Jumps written later use the bridge too. (`bpf/assemble.ts` has to keep the order
 * of its text and so cannot do this.)
 */
import { type Instruction, JUMP_REACH, type Program } from "../../bpf/instruction.ts";
import { isConditionalJump, OPCODES } from "../../bpf/opcode.ts";
import { offsetOfWord } from "../diagram/words.ts";
import { type DecisionStep, following, type StepId, type Steps, TEST_CODES } from "./steps.ts";

/** The program so far, last instruction first, and where each step stands, counted from the end. */
interface Output {
  readonly graph: Steps;
  readonly littleEndian: boolean;
  readonly backwards: Instruction[];
  readonly places: Map<StepId, number>;
}

function plain(code: number, k: number, jt = 0, jf = 0): Instruction {
  return { code, jt, jf, k: k >>> 0 };
}

/** How many instructions lie between the next one to be written and a step. */
function distance({ backwards, places }: Output, id: StepId): number {
  return backwards.length - 1 - (places.get(id) ?? 0);
}

function push(output: Output, instruction: Instruction): void {
  output.backwards.push(instruction);
}

/** Puts a bridge to a step right after the next instruction: a copy of a return, otherwise a JA. */
function bridge(output: Output, id: StepId): void {
  const step = output.graph.steps[id];
  if (step?.kind === "return") {
    push(output, plain(OPCODES.RET, step.value));
    output.places.set(id, output.backwards.length - 1);
    return;
  }
  const to = distance(output, id);
  push(output, plain(OPCODES.JA, to));
  output.places.set(id, output.backwards.length - 1);
}

/** Writes a conditional jump, with bridges after it for targets out of reach. */
function writeJump(output: Output, { test, value, yes, no }: Extract<DecisionStep, { kind: "jump" }>): void {
  // A bridge to one target moves the other one further away.
  for (let settled = false; !settled; ) {
    const far = [yes, no].find((id) => distance(output, id) > JUMP_REACH);
    settled = far === undefined;
    if (far !== undefined) {
      bridge(output, far);
    }
  }
  push(output, plain(TEST_CODES[test], value, distance(output, yes), distance(output, no)));
}

/** Makes sure that the step to run next follows the next instruction directly. */
function adjoin(output: Output, id: StepId): void {
  if (distance(output, id) === 0) {
    return;
  }
  const step = output.graph.steps[id];
  if (step?.kind === "jump") {
    writeJump(output, step);
  } else {
    bridge(output, id);
  }
}

function write(output: Output, id: StepId): void {
  const step = output.graph.steps[id];
  switch (step?.kind) {
    case undefined:
      return;
    case "return":
      push(output, plain(OPCODES.RET, step.value));
      break;
    case "load":
      adjoin(output, step.next);
      push(output, plain(OPCODES.LD_ABS, offsetOfWord(step.word, output.littleEndian)));
      break;
    case "and":
      adjoin(output, step.next);
      push(output, plain(OPCODES.AND, step.mask));
      break;
    case "jump":
      writeJump(output, step);
      break;
  }
  output.places.set(id, output.backwards.length - 1);
}

/** The steps reachable from `root`, each after all that it leads to: the order in which they are written. */
function order(graph: Steps, root: StepId): readonly StepId[] {
  const done = new Set<StepId>();
  const pending: (readonly [StepId, boolean])[] = [[root, false]];
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    const [id, visited] = top;
    if (done.has(id)) {
      continue;
    }
    if (visited) {
      done.add(id);
      continue;
    }
    pending.push([id, true]);
    // Pushed first means written last, directly after the step in the program: where it goes when the test fails.
    const [first, second] = following(graph.steps[id]);
    for (const next of [second, first]) {
      if (next !== undefined && !done.has(next)) {
        pending.push([next, false]);
      }
    }
  }
  return [...done];
}

function targetsOf({ code, jt, jf, k }: Instruction, at: number): readonly number[] {
  if (code === OPCODES.RET) {
    return [];
  }
  if (code === OPCODES.JA) {
    return [at + 1 + k];
  }
  return isConditionalJump(code) ? [at + 1 + jt, at + 1 + jf] : [at + 1];
}

/** Drops instructions that nothing reaches any more because bridges replaced them. */
function withoutUnused(program: Program): Program {
  const used = new Set([0]);
  for (const at of used) {
    for (const next of targetsOf(program[at] ?? plain(OPCODES.RET, 0), at)) {
      used.add(next);
    }
  }
  const kept = [...used].sort((a, b) => a - b);
  const places = new Map(kept.map((at, place) => [at, place]));
  return kept.map((at, place) => {
    const instruction = program[at] ?? plain(OPCODES.RET, 0);
    const [first, second] = targetsOf(instruction, at).map((next) => (places.get(next) ?? 0) - place - 1);
    if (instruction.code === OPCODES.JA) {
      return plain(OPCODES.JA, first ?? 0);
    }
    return second === undefined ? instruction : { ...instruction, jt: first ?? 0, jf: second };
  });
}

/** The program of the steps from `root` on, for a machine of that byte order. It may exceed the kernel's limit. */
export function layOut(graph: Steps, root: StepId, littleEndian: boolean): Program {
  const output: Output = { graph, littleEndian, backwards: [], places: new Map() };
  for (const id of order(graph, root)) {
    write(output, id);
  }
  return withoutUnused(output.backwards.reverse());
}
