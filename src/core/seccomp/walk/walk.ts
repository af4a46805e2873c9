/**
 * Follows a program for all inputs at once, to the function that it computes in the same canonical form as a policy.
 * One pass forwards finds what the registers may hold at each instruction, one backwards the function from there on; so
 * the work grows with the program, not with its paths.
 */
import type { Program } from "../../bpf/instruction.ts";
import type { Canonical } from "../canonical/canonical.ts";
import { branchNode } from "../diagram/combine.ts";
import { createDiagrams, type Diagrams, leafNode, type NodeId, TOO_LARGE } from "../diagram/diagram.ts";
import { tested } from "../diagram/symbolic.ts";
import { MOST_POINTS, type Point, pointsOf } from "./points.ts";

/** Where the test of a point holds. */
function conditionOf(diagrams: Diagrams, { at, test }: Point): NodeId | undefined {
  if (test === undefined) {
    return undefined;
  }
  const reason = "the jump tests something that cannot be followed";
  return tested(diagrams, test.code, test.left, test.k) ?? leafNode(diagrams, { kind: "unknown", at, reason });
}

/** The backward pass: the function from each point on. */
function functionOf(diagrams: Diagrams, points: readonly Point[]): NodeId {
  // Made forwards: see `rulesNode` on the order of conditions.
  const conditions = points.map((point) => conditionOf(diagrams, point));
  const functions: NodeId[] = [];
  for (let place = points.length - 1; place >= 0; place -= 1) {
    const [point, condition] = [points[place], conditions[place]];
    if (point === undefined) {
      continue;
    }
    const [first = TOO_LARGE, second = TOO_LARGE] = point.to.map((number) => functions[number] ?? TOO_LARGE);
    const onwards = condition === undefined ? first : branchNode(diagrams, condition, first, second);
    functions[point.number] = point.leaf === undefined ? onwards : leafNode(diagrams, point.leaf);
  }
  return functions[0] ?? TOO_LARGE;
}

/** How a program is to be read. */
export interface WalkOptions {
  /** Byte order of the machine that runs it: which half of an argument comes first. Default: true. */
  readonly littleEndian?: boolean;
  /** The store to build the function in. */
  readonly diagrams?: Diagrams;
}

/**
 * The function that a program computes. Exactly the inputs that depend on something that cannot be followed end in a
 * leaf `unknown` that names the instruction. The program need not be valid.
 *
 * @example
 * import { canonicalise, walk } from "cloison";
 * import assert from "node:assert";
 * const allow = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }];
 * const { diagrams, root } = walk(allow);
 * assert.equal(canonicalise({ abis: {}, foreign: { kind: "allow" } }, { diagrams }).root, root);
 */
export function walk(program: Program, options: WalkOptions = {}): Canonical {
  const { littleEndian = true, diagrams = createDiagrams() } = options;
  const points = pointsOf(program, littleEndian);
  if (points !== undefined) {
    return { diagrams, root: functionOf(diagrams, points) };
  }
  const reason = `more than ${MOST_POINTS} different states of the registers`;
  return { diagrams, root: leafNode(diagrams, { kind: "unknown", at: 0, reason }) };
}
