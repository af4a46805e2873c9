/**
 * Whether a program does what a policy says, for every input of every architecture: both are brought into one canonical
 * form and compared. A difference is shown by an input that has been tried in the emulator.
 */
import type { SeccompData } from "../bpf/data.ts";
import { emulate } from "../bpf/emulate.ts";
import type { Program } from "../bpf/instruction.ts";
import { abiInPolicy, type Canonical, effects } from "./canonical.ts";
import { combineLeaves } from "./diagram/combine.ts";
import { createDiagrams, type Diagrams, type Leaf, leafNode, NO, type NodeId, YES } from "./diagram/diagram.ts";
import { canReach } from "./diagram/reach.ts";
import { dataOf, findInput } from "./diagram/witness.ts";
import { evaluate, strongest } from "./evaluate.ts";
import { type Filter, functionOfFilter, isLittleEndian } from "./filter.ts";
import type { FilterAction, Policy } from "./policy.ts";
import { actionOfValue, effectOf, valueOfAction } from "./return-value.ts";
import { walk } from "./walk.ts";

/** What came of a comparison. */
export type Proof =
  /** The same for every input. */
  | { readonly kind: "holds" }
  /** Not the same for this input. */
  | {
      readonly kind: "differs";
      readonly witness: SeccompData;
      readonly expected: FilterAction;
      readonly actual: FilterAction;
    }
  | Undecided;

/** Not decided; `at`: the instruction that could not be followed, if it is one. */
export interface Undecided {
  readonly kind: "unknown";
  readonly reason: string;
  readonly at?: number;
}

/** What came of the comparison of two functions. */
export type Comparison = { readonly kind: "same" } | { readonly kind: "input"; readonly data: SeccompData } | Undecided;

/** What is said where a store gave up. */
export const ENTANGLED: Undecided = {
  kind: "unknown",
  reason: "the conditions of a call are too entangled to be compared",
};

const isUnknown = (leaf: Leaf): boolean => leaf.kind === "unknown";
const isYes = (leaf: Leaf): boolean => leaf.kind === "flag" && leaf.value;

/** Where two functions differ: YES, NO, or unknown. Leaves are compared by their effect. */
function difference(diagrams: Diagrams, a: Canonical, b: Canonical): number {
  const [left, right] = [effects(a).root, effects(b).root];
  if (left === right && !canReach(diagrams, left, isUnknown)) return NO;
  return combineLeaves(diagrams, left, right, (x, y) => {
    if (x.kind === "unknown") return leafNode(diagrams, x);
    if (y.kind === "unknown") return leafNode(diagrams, y);
    return leafNode(diagrams, x) === leafNode(diagrams, y) ? NO : YES;
  });
}

/** Whether two functions of one store are the same; else an input at which they are not. */
export function compareFunctions(a: Canonical, b: Canonical): Comparison {
  const { diagrams } = a;
  const root = difference(diagrams, a, b);
  if (root === NO) return { kind: "same" };
  const found = findInput(diagrams, root, isYes);
  if (found === "gave-up") return ENTANGLED;
  if (found !== undefined) return { kind: "input", data: dataOf(found.words) };
  return unknownPart(diagrams, root) ?? { kind: "same" };
}

/** Why a function is not known for every input; undefined if it is. */
export function unknownPart(diagrams: Diagrams, root: NodeId): Undecided | undefined {
  if (!canReach(diagrams, root, isUnknown)) return undefined;
  const found = findInput(diagrams, root, isUnknown);
  if (found === undefined) return undefined;
  if (found === "gave-up" || found.leaf.kind !== "unknown") return ENTANGLED;
  const { at, reason } = found.leaf;
  return at < 0 ? { kind: "unknown", reason } : { kind: "unknown", reason: `instruction ${at}: ${reason}`, at };
}

/** What a policy answers to an input, without any diagram. */
function answerOf(policy: Policy, { arch, nr, args = [] }: SeccompData): FilterAction | undefined {
  const abi = abiInPolicy(arch, nr, policy);
  return abi === undefined ? policy.foreign : evaluate(policy, { abi, number: nr, arguments: args });
}

function runsTo(program: Program, data: SeccompData, littleEndian: boolean): FilterAction | undefined {
  const outcome = emulate(program, data, littleEndian);
  return outcome.kind === "return" ? actionOfValue(outcome.value) : undefined;
}

/** What a filter answers to an input, without any diagram; undefined where that cannot be said. */
function expectedOf(filter: Filter, data: SeccompData, littleEndian: boolean): FilterAction | undefined {
  const all = (actions: readonly (FilterAction | undefined)[]): FilterAction | undefined =>
    actions.every((action) => action !== undefined) ? strongest(actions) : undefined;
  switch (filter.kind) {
    case "policy":
      return answerOf(filter.policy, data);
    case "program":
      return runsTo(filter.program, data, littleEndian);
    case "policies":
      return all(filter.policies.map((policy) => answerOf(policy, data)));
    case "stack":
      return all(filter.programs.map((program) => runsTo(program, data, littleEndian)));
  }
}

/** Tries an input in the emulator and in the evaluator of policies, which know nothing of diagrams. */
function tried(program: Program, filter: Filter, witness: SeccompData, littleEndian: boolean): Proof {
  const outcome = emulate(program, witness, littleEndian);
  const expected = expectedOf(filter, witness, littleEndian);
  if (outcome.kind === "fault") return { kind: "unknown", reason: outcome.reason, at: outcome.at };
  if (expected === undefined || valueOfAction(expected) === effectOf(outcome.value)) {
    return { kind: "unknown", reason: "the emulator does not confirm the difference that was found" };
  }
  return { kind: "differs", witness, expected, actual: actionOfValue(outcome.value) };
}

/**
 * Does something in a store that looks into the words, and again with conditions taken as they are if that came to more
 * than `budget` steps.
 */
export function withDiagrams<T>(work: (diagrams: Diagrams) => T, budget?: number): T {
  const diagrams = createDiagrams(budget);
  const result = work(diagrams);
  return diagrams.budget < 0 ? work(createDiagrams(undefined, true)) : result;
}

/** How to prove. */
export interface ProveOptions {
  /** Byte order of the machine that runs the program; by default that of the filter. */
  readonly littleEndian?: boolean;
}

/**
 * Whether a program does what a policy, or a filter in another form, says.
 *
 * @example
 * import { denyList, prove } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" });
 * const allow = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }];
 * const proof = prove(allow, policy);
 * assert.equal(proof.kind, "differs");
 * assert.deepEqual(proof.expected, { kind: "errno", errno: "EPERM" });
 * assert.deepEqual(proof.actual, { kind: "allow" });
 * assert.equal(proof.witness.nr, 169);
 */
export function prove(program: Program, wanted: Policy | Filter, options: ProveOptions = {}): Proof {
  const filter: Filter = "kind" in wanted ? wanted : { kind: "policy", policy: wanted };
  return withDiagrams((diagrams) => proveIn(diagrams, program, filter, options));
}

/** As `prove`, in a given store; `unknown` where that gives up. */
export function proveIn(
  diagrams: Diagrams,
  program: Program,
  filter: Filter,
  { littleEndian = isLittleEndian(filter) }: ProveOptions = {},
): Proof {
  const wanted = functionOfFilter(filter, diagrams);
  const compared = compareFunctions(wanted, walk(program, { littleEndian, diagrams }));
  if (compared.kind === "same") return { kind: "holds" };
  return compared.kind === "input" ? tried(program, filter, compared.data, littleEndian) : compared;
}
