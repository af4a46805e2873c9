/**
 * Whether a program does what a policy says, for every input of every architecture: both are put in canonical form and
 * compared. Any difference comes with an input that has been tried in the emulator.
 */
import type { SeccompData } from "../../bpf/data.ts";
import { emulate } from "../../bpf/emulate.ts";
import type { Program } from "../../bpf/instruction.ts";
import { abiOf } from "../../kernel/syscalls/syscall.ts";
import { abiInPolicy } from "../canonical/canonical.ts";
import type { Diagrams } from "../diagram/diagram.ts";
import { asFilter, type Filter, functionOfFilter, isLittleEndian } from "../filter/filter.ts";
import { unnamed } from "../policy/error-numbers.ts";
import { evaluate, strongest } from "../policy/evaluate.ts";
import type { FilterAction, Policy } from "../policy/policy.ts";
import { actionOfValue, effectOf, valueOfAction } from "../policy/return-value.ts";
import { walk } from "../walk/walk.ts";
import { compareFunctions, type Undecided, withDiagrams } from "./compare.ts";

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
  if (outcome.kind === "fault") {
    return { kind: "unknown", reason: outcome.reason, at: outcome.at };
  }
  if (expected === undefined || valueOfAction(expected) === effectOf(outcome.value)) {
    return { kind: "unknown", reason: "the emulator does not confirm the difference that was found" };
  }
  const said = (action: FilterAction): FilterAction => unnamed(action, abiOf(witness.arch, witness.nr));
  return { kind: "differs", witness, expected: said(expected), actual: said(actionOfValue(outcome.value)) };
}

/** How to prove. */
export interface ProveOptions {
  /** Byte order of the machine that runs the program; by default that of the filter. */
  readonly littleEndian?: boolean;
}

function proveIn(
  diagrams: Diagrams,
  program: Program,
  filter: Filter,
  { littleEndian = isLittleEndian(filter) }: ProveOptions,
): Proof {
  const wanted = functionOfFilter(filter, diagrams);
  const compared = compareFunctions(wanted, walk(program, { littleEndian, diagrams }));
  if (compared.kind === "same") {
    return { kind: "holds" };
  }
  return compared.kind === "input" ? tried(program, filter, compared.data, littleEndian) : compared;
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
  const filter = asFilter(wanted);
  return withDiagrams((diagrams) => proveIn(diagrams, program, filter, options));
}
