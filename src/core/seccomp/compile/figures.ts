/**
 * How good a filter is: its instructions, how many of them run per call, and the best that a comparison tree could do.
 */
import { emulate } from "../../bpf/emulate.ts";
import type { Program } from "../../bpf/instruction.ts";
import { isConditionalJump, OPCODES } from "../../bpf/opcode.ts";
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import { canonicalise } from "../canonical/canonical.ts";
import { intervalsOf, underArch } from "../canonical/intervals.ts";
import { createDiagrams } from "../diagram/diagram.ts";
import { NUMBER_WORD } from "../diagram/words.ts";
import type { Policy } from "../policy/policy.ts";
import { cheapestTests, fewestTests } from "./optimum.ts";
import { type CallProfile, totalOf, weighed } from "./weigh.ts";

/** Figures of one filter under one ABI. */
export interface Figures {
  readonly instructions: number;
  /** Most instructions that can run at a call. */
  readonly longest: number;
  /**
   * Instructions run per call, all arguments zero: the mean over the calls of the table, weighted by counts if given.
   */
  readonly mean: number;
}

/** A bound that no filter of comparison trees can beat, and the best one that a wide search finds. */
export interface Optimum {
  /** Lower bound on the mean: two loads, the test of the architecture, the return, and the entropy of the outcomes. */
  readonly bound: number;
  /** Mean of the cheapest tree of `>=` and `==` tests found (optimal in every small case tried). */
  readonly tree: number;
}

/** The counts of an ABI in a profile, or one for each call of its table. */
function countsOf(abi: Abi, profile: CallProfile | undefined): ReadonlyMap<number, number> {
  const uniform = (): ReadonlyMap<number, number> =>
    new Map(Object.values(tableOf(abi).numbers).map((number) => [number, 1]));
  return profile === undefined ? uniform() : (profile[abi] ?? new Map());
}

/** The most instructions on any way through a program. */
export function longestPath(program: Program): number {
  const lengths: number[] = [];
  for (let at = program.length - 1; at >= 0; at -= 1) {
    const { code, jt, jf, k } = program[at] ?? { code: OPCODES.RET, jt: 0, jf: 0, k: 0 };
    const behind = (distance: number): number => lengths[at + 1 + distance] ?? 0;
    if (code === OPCODES.RET || code === OPCODES.RET_A) {
      lengths[at] = 1;
    } else if (isConditionalJump(code)) {
      lengths[at] = 1 + Math.max(behind(jt), behind(jf));
    } else {
      lengths[at] = 1 + behind(code === OPCODES.JA ? k : 0);
    }
  }
  return lengths[0] ?? 0;
}

/** The figures of a program for the calls of an ABI. */
export function figuresOf(program: Program, abi: Abi, profile?: CallProfile): Figures {
  const { audit, littleEndian } = tableOf(abi);
  const counts = countsOf(abi, profile);
  let steps = 0;
  for (const [nr, count] of counts) {
    const outcome = emulate(program, { arch: audit, nr }, littleEndian);
    steps += count * (outcome.kind === "return" ? outcome.steps : 0);
  }
  return { instructions: program.length, longest: longestPath(program), mean: steps / Math.max(totalOf(counts), 1) };
}

/** The loads of architecture and number, the test of the architecture, and the return. */
const FIXED = 4;

/**
 * The best possible figures for the calls of an ABI. A call whose arguments decide counts as decided once its number is
 * known: what its arguments cost comes on top, whatever the tree.
 */
export function optimumOf(policy: Policy, abi: Abi, profile?: CallProfile): Optimum {
  const diagrams = createDiagrams();
  const { root } = canonicalise(policy, { diagrams });
  const intervals = intervalsOf(diagrams, underArch(diagrams, root, tableOf(abi).audit), NUMBER_WORD);
  const [starts, targets] = [intervals.map(({ from }) => from), intervals.map(({ node }) => node)];
  const counts = countsOf(abi, profile);
  const segments = weighed(starts, targets, counts);
  const total = Math.max(totalOf(counts), 1);
  return { bound: FIXED + fewestTests(segments), tree: FIXED + cheapestTests(segments) / total };
}
