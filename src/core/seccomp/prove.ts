/**
 * Whether a program does what a policy says, for every input of every architecture: both are brought into one canonical
 * form and compared. A difference is shown by an input that has been tried in the emulator.
 */
import type { SeccompData } from "../bpf/data.ts";
import { emulate } from "../bpf/emulate.ts";
import type { Program } from "../bpf/instruction.ts";
import { ABIS, tableOf } from "../kernel/syscalls/syscall.ts";
import { abiOf, type Canonical, canonicalise, effects } from "./canonical.ts";
import { combineLeaves, type Diagrams, type Leaf, leafNode, NO, YES } from "./diagram/diagram.ts";
import { dataOf, findInput } from "./diagram/witness.ts";
import { evaluate } from "./evaluate.ts";
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
  /** Not decided; `at`: the instruction that could not be followed, if it is one. */
  | { readonly kind: "unknown"; readonly reason: string; readonly at?: number };

/** Where two functions differ: YES, NO, or unknown. Leaves are compared by their effect. */
function difference(diagrams: Diagrams, a: Canonical, b: Canonical): number {
  const unlike = (left: Leaf, right: Leaf): number => {
    if (left.kind === "unknown") return leafNode(diagrams, left);
    if (right.kind === "unknown") return leafNode(diagrams, right);
    return leafNode(diagrams, left) === leafNode(diagrams, right) ? NO : YES;
  };
  return combineLeaves(diagrams, effects(a).root, effects(b).root, unlike);
}

/** Why two functions could not be compared everywhere; undefined if they could. */
function gap(diagrams: Diagrams, root: number): Proof | undefined {
  const found = findInput(diagrams, root, (leaf) => leaf.kind === "unknown");
  if (found?.leaf.kind !== "unknown") return undefined;
  const { at, reason } = found.leaf;
  return at < 0 ? { kind: "unknown", reason } : { kind: "unknown", reason: `instruction ${at}: ${reason}`, at };
}

/** Whether two functions of one store are the same; else an input at which they are not. */
export function compareFunctions(
  a: Canonical,
  b: Canonical,
): { readonly kind: "same" } | { readonly kind: "input"; readonly data: SeccompData } | (Proof & { kind: "unknown" }) {
  const { diagrams } = a;
  const root = difference(diagrams, a, b);
  if (root === NO) return { kind: "same" };
  const found = findInput(diagrams, root, (leaf) => leaf.kind === "flag" && leaf.value);
  if (found !== undefined) return { kind: "input", data: dataOf(found.words) };
  const unknown = gap(diagrams, root);
  return unknown?.kind === "unknown" ? unknown : { kind: "unknown", reason: "the comparison has no result" };
}

/** The byte order of the architectures of a policy: of the first one, little without any. */
export function isLittleEndian(policy: Policy): boolean {
  const abi = ABIS.find((each) => policy.abis[each] !== undefined);
  return abi === undefined || tableOf(abi).littleEndian;
}

/** What a policy answers to an input, without any diagram. */
function expectedOf(policy: Policy, { arch, nr, args = [] }: SeccompData): FilterAction | undefined {
  const abi = abiOf(arch, nr);
  if (abi === undefined) return policy.foreign;
  return evaluate(policy, { abi, number: nr, arguments: args });
}

/** Tries an input in the emulator and in the policy's evaluator, which know nothing of diagrams. */
function tried(program: Program, policy: Policy, witness: SeccompData, littleEndian: boolean): Proof {
  const outcome = emulate(program, witness, littleEndian);
  const expected = expectedOf(policy, witness);
  if (outcome.kind === "fault") return { kind: "unknown", reason: outcome.reason, at: outcome.at };
  if (expected === undefined || valueOfAction(expected) === effectOf(outcome.value)) {
    return { kind: "unknown", reason: "the emulator does not confirm the difference that was found" };
  }
  return { kind: "differs", witness, expected, actual: actionOfValue(outcome.value) };
}

/**
 * Whether a program does what a policy says. `littleEndian`: byte order of the machine that runs it, by default that of
 * the policy's first ABI.
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
export function prove(
  program: Program,
  policy: Policy,
  { littleEndian = isLittleEndian(policy) }: { readonly littleEndian?: boolean } = {},
): Proof {
  const wanted = canonicalise(policy);
  const { diagrams } = wanted;
  return proveFunction(program, policy, wanted, walk(program, { littleEndian, diagrams }), littleEndian);
}

/** As `prove`, with both functions at hand. */
export function proveFunction(
  program: Program,
  policy: Policy,
  wanted: Canonical,
  actual: Canonical,
  littleEndian: boolean,
): Proof {
  const compared = compareFunctions(wanted, actual);
  if (compared.kind === "same") return { kind: "holds" };
  return compared.kind === "input" ? tried(program, policy, compared.data, littleEndian) : compared;
}
