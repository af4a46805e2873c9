/**
 * Anything that answers to system calls: a policy, a program, a stack of either. Each as a function in canonical form.
 * How a stack answers: seccomp_run_filters() of kernel/seccomp.c.
 */
import type { Program } from "../../bpf/instruction.ts";
import { RETURN_ACTIONS } from "../../bpf/return-value.ts";
import { ABIS, tableOf } from "../../kernel/syscalls/syscall.ts";
import { type Canonical, canonicalise } from "../canonical/canonical.ts";
import { combineLeaves } from "../diagram/combine.ts";
import { type Diagrams, type Leaf, leafNode, type NodeId, returnNode } from "../diagram/diagram.ts";
import type { Policy } from "../policy/policy.ts";
import { walk } from "../walk/walk.ts";

/** A filter in one of its forms. `littleEndian`: byte order of the machine that runs it, true if left out. */
export type Filter =
  | { readonly kind: "policy"; readonly policy: Policy }
  | { readonly kind: "program"; readonly program: Program; readonly littleEndian?: boolean }
  /** The policies of filters that all run, in the order in which they are attached. */
  | { readonly kind: "policies"; readonly policies: readonly Policy[] }
  /** All of them run; oldest first, as they were attached. */
  | { readonly kind: "stack"; readonly programs: readonly Program[]; readonly littleEndian?: boolean };

/** An action as the kernel compares it: the upper sixteen bits, signed. */
function precedence(value: number): number {
  return (value & 0xffff0000) | 0;
}

/** Which of two answers counts: the lower action or, if equal, the newer filter's. */
function lower(diagrams: Diagrams, older: Leaf, newer: Leaf): NodeId {
  if (older.kind === "return" && newer.kind === "return") {
    return returnNode(diagrams, precedence(older.value) < precedence(newer.value) ? older.value : newer.value);
  }
  // Nothing ranks lower, so it wins whatever the unknown one is.
  for (const leaf of [older, newer]) {
    if (leaf.kind === "return" && leaf.value === RETURN_ACTIONS.KILL_PROCESS) {
      return leafNode(diagrams, leaf);
    }
  }
  return leafNode(diagrams, older.kind === "return" ? newer : older);
}

/** Filters that all run, as one function; oldest first. */
export function stackFunction(diagrams: Diagrams, functions: readonly Canonical[]): Canonical {
  const root = functions.reduce(
    (older, newer) => combineLeaves(diagrams, older, newer.root, (a, b) => lower(diagrams, a, b)),
    returnNode(diagrams, RETURN_ACTIONS.ALLOW),
  );
  return { diagrams, root };
}

/** The function of a filter, with its return values unchanged. */
export function functionOfFilter(filter: Filter, diagrams: Diagrams): Canonical {
  switch (filter.kind) {
    case "policy":
      return canonicalise(filter.policy, { diagrams });
    case "program":
      return walk(filter.program, { littleEndian: filter.littleEndian ?? true, diagrams });
    case "policies":
      return stackFunction(
        diagrams,
        filter.policies.map((policy) => canonicalise(policy, { diagrams })),
      );
    case "stack": {
      const { programs, littleEndian = true } = filter;
      return stackFunction(
        diagrams,
        programs.map((program) => walk(program, { littleEndian, diagrams })),
      );
    }
  }
}

/** A policy alone as a filter. */
export function asFilter(wanted: Policy | Filter): Filter {
  return "kind" in wanted ? wanted : { kind: "policy", policy: wanted };
}

/** The policies that make up a filter; none if it is made up of programs. */
export function policiesOf(filter: Filter): readonly Policy[] {
  if (filter.kind === "policy") {
    return [filter.policy];
  }
  return filter.kind === "policies" ? filter.policies : [];
}

function orderOf({ abis }: Policy): boolean | undefined {
  const abi = ABIS.find((each) => abis[each] !== undefined);
  return abi === undefined ? undefined : tableOf(abi).littleEndian;
}

/** The byte order of a filter's machine: as stated, or that of its first ABI; little-endian without any. */
export function isLittleEndian(filter: Filter): boolean {
  if (filter.kind === "program" || filter.kind === "stack") {
    return filter.littleEndian ?? true;
  }
  return (
    policiesOf(filter)
      .map(orderOf)
      .find((order) => order !== undefined) ?? true
  );
}
