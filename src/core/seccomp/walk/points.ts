/** The forward pass over a program: the states in which each instruction is reached, and its successors from each. */
import type { Instruction, Program } from "../../bpf/instruction.ts";
import type { Leaf } from "../diagram/diagram.ts";
import type { Content } from "../diagram/symbolic.ts";
import { forget, type Live, livenessOf, NOTHING } from "./liveness.ts";
import { type Next, next, START, type State, type WalkTest } from "./step.ts";

/** An instruction in one state; a program starts at number 0. */
export interface Point {
  readonly number: number;
  /** The instruction. */
  readonly at: number;
  /** Its result, if it ends the program. */
  readonly leaf: Leaf | undefined;
  /** Its test, if it is a conditional jump. */
  readonly test: WalkTest | undefined;
  /** The numbers of its successors; for a conditional jump first the one taken when the test holds. */
  readonly to: readonly number[];
}

/** The most points that are followed; in real programs an instruction has one or two. */
export const MOST_POINTS = 65536;

function keyOf(content: Content): string {
  switch (content.kind) {
    case "constant":
      return `c${content.value}`;
    case "word":
      return `w${content.word}.${content.mask}.${content.shift}.${content.flip}`;
    case "sum":
      return `s${content.word}.${content.offset}`;
    case "unknown":
      return `u${content.at}`;
  }
}

/** Interns contents as numbers. States share most of their contents, so each is turned into a key only once. */
function numbering(): (content: Content | undefined) => number {
  const byKey = new Map<string, number>();
  const known = new Map<Content | undefined, number>([[undefined, -1]]);
  return (content) => {
    const found = known.get(content);
    if (found !== undefined || content === undefined) {
      return found ?? -1;
    }
    const key = keyOf(content);
    const number = byKey.get(key) ?? byKey.size;
    byKey.set(key, number);
    known.set(content, number);
    return number;
  };
}

/** A point whose instruction has not been executed yet. */
interface Arrival {
  readonly number: number;
  readonly state: State;
}

/** The part of the walk that still lies ahead. */
interface Ahead {
  readonly live: readonly Live[];
  readonly numberOf: (content: Content | undefined) => number;
  /** By instruction, then by what its states hold. */
  readonly arrivals: Map<number, Map<string, Arrival>>;
  count: number;
}

/** The number of an instruction's point in a state; a new one unless it was reached before. */
function arrive(ahead: Ahead, at: number, state: State): number {
  const { a, x, scratch } = forget(state, ahead.live[at] ?? NOTHING);
  const key = [a, x, ...scratch].map(ahead.numberOf).join();
  const known = ahead.arrivals.get(at) ?? new Map<string, Arrival>();
  const found = known.get(key);
  if (found !== undefined) {
    return found.number;
  }
  const number = ahead.count;
  ahead.count += 1;
  ahead.arrivals.set(at, known.set(key, { number, state: { a, x, scratch } }));
  return number;
}

function targetsOf(way: Exclude<Next, { kind: "return" }>, { jt, jf }: Instruction, at: number): readonly number[] {
  if (way.kind === "go") {
    return [way.to];
  }
  return way.test.negated ? [at + 1 + jf, at + 1 + jt] : [at + 1 + jt, at + 1 + jf];
}

function pointOf(ahead: Ahead, number: number, at: number, instruction: Instruction, way: Next): Point {
  if (way.kind === "return") {
    return { number, at, leaf: way.leaf, test: undefined, to: [] };
  }
  const to = targetsOf(way, instruction, at).map((target) => arrive(ahead, target, way.state));
  return { number, at, leaf: undefined, test: way.kind === "branch" ? way.test : undefined, to };
}

/** The points of a program, each before its successors; undefined if they are too many. */
export function pointsOf(program: Program, littleEndian: boolean): readonly Point[] | undefined {
  const ahead: Ahead = { live: livenessOf(program), numberOf: numbering(), arrivals: new Map(), count: 0 };
  arrive(ahead, 0, START);
  const points: Point[] = [];
  for (const [at, instruction] of program.entries()) {
    if (ahead.count > MOST_POINTS) {
      return undefined;
    }
    for (const { number, state } of ahead.arrivals.get(at)?.values() ?? []) {
      points.push(pointOf(ahead, number, at, instruction, next(state, instruction, at, littleEndian)));
    }
    ahead.arrivals.delete(at);
  }
  // Whatever is left is past the end of the program.
  for (const [at, states] of ahead.arrivals) {
    const leaf: Leaf = { kind: "unknown", at, reason: "the program ends without a return" };
    for (const { number } of states.values()) {
      points.push({ number, at, leaf, test: undefined, to: [] });
    }
  }
  return points;
}
