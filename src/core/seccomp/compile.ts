/**
 * A policy as the smallest or fastest filter found: number dispatch by dynamic programming, arguments by decision
 * diagrams, everything shared. Nothing leaves this file that has not been proved.
 */
import type { Program } from "../bpf/instruction.ts";
import { validate } from "../bpf/validate.ts";
import type { Diagnostic, Parsed } from "../diagnostic/diagnostic.ts";
import { ABIS, type Abi, tableOf } from "../kernel/syscalls/syscall.ts";
import { canonicalise, rulesByNumber, rulesNode } from "./canonical.ts";
import { ENTANGLED, withDiagrams } from "./compare.ts";
import { type Goal, programOf } from "./compile/program.ts";
import { prune } from "./compile/prune.ts";
import { stepsOfRules } from "./compile/rules.ts";
import { reachable, type StepId, type Steps, stepOf } from "./compile/steps.ts";
import { type Profile, weightsOf } from "./compile/weigh.ts";
import { type Diagrams, type NodeId, returnNode } from "./diagram/diagram.ts";
import { childrenOf } from "./diagram/reach.ts";
import { withErrorNumbers } from "./error-numbers.ts";
import { isLittleEndian } from "./filter.ts";
import type { Policy, Rule } from "./policy.ts";
import { type Proof, proveIn } from "./prove.ts";
import { valueOfAction } from "./return-value.ts";

/** How to compile. */
export interface CompileOptions {
  /** What is to be small; by default `speed`, with size where it costs no speed. */
  readonly goal?: Goal;
  /** How often each call was seen; without it all calls of the tables count the same. */
  readonly profile?: Profile;
}

/** A filter that was proved. */
export interface Compiled {
  readonly program: Program;
  /** Byte order of the machines that can run it. */
  readonly littleEndian: boolean;
}

/** Rules whose function is a certain node: their steps in order may be fewer than those of the diagram. */
interface Source {
  readonly rules: readonly Rule[];
  readonly otherwise: number;
}

function sourcesOf(diagrams: Diagrams, policy: Policy): ReadonlyMap<NodeId, Source> {
  const found = new Map<NodeId, Source>();
  for (const own of Object.values(policy.abis)) {
    const otherwise = valueOfAction(own.otherwise);
    const places = new Map(own.rules.map((rule, place) => [rule, place]));
    const seen = new Set<string>();
    for (const rules of rulesByNumber(own).values()) {
      const key = rules.map((rule) => places.get(rule)).join();
      if (rules.every((rule) => rule.when.length === 0) || seen.has(key)) continue;
      seen.add(key);
      found.set(rulesNode(diagrams, rules, returnNode(diagrams, otherwise)), { rules, otherwise });
    }
  }
  return found;
}

/** A diagram of more nodes is not made into steps where rules in order will do. */
const LARGEST_DIAGRAM = 1000;

function sizeOf(diagrams: Diagrams, root: NodeId): number {
  const seen = new Set([root]);
  for (const id of seen) {
    for (const child of childrenOf(diagrams, id)) seen.add(child);
    if (seen.size > LARGEST_DIAGRAM) break;
  }
  return seen.size;
}

/** The smaller of the two ways to make the steps of rules. */
function smaller(diagrams: Diagrams, graph: Steps, id: NodeId, source: Source, usual: () => StepId): StepId {
  const { rules, otherwise } = source;
  const inOrder = prune(graph, stepsOfRules(graph, rules, stepOf(graph, { kind: "return", value: otherwise })));
  if (diagrams.atoms !== undefined || sizeOf(diagrams, id) > LARGEST_DIAGRAM) return inOrder;
  const decided = usual();
  return reachable(graph, inOrder) < reachable(graph, decided) ? inOrder : decided;
}

function failed(code: string, message: string, help: string): readonly Diagnostic[] {
  return [{ code, severity: "error", message, help }];
}

function describeProof(proof: Proof): string {
  return proof.kind === "unknown" ? proof.reason : JSON.stringify(proof, (_, value) => String(value));
}

function notProved(proof: Proof): Parsed<Compiled> {
  const message = `the filter could not be proved: ${describeProof(proof)}`;
  return { ok: false, diagnostics: failed("filter-not-proved", message, "simplify the conditions of the call") };
}

function abisOf(policy: Policy): readonly Abi[] {
  return ABIS.filter((abi) => policy.abis[abi] !== undefined);
}

function orders(policy: Policy): readonly boolean[] {
  return [...new Set(abisOf(policy).map((abi) => tableOf(abi).littleEndian))];
}

/** The program of a policy, made in a given store. */
function made(diagrams: Diagrams, policy: Policy, { goal = "speed", profile }: CompileOptions): Program {
  const wanted = canonicalise(policy, { diagrams });
  const sources = sourcesOf(diagrams, policy);
  if (diagrams.budget < 0) return [];
  return programOf(wanted, {
    weights: weightsOf(abisOf(policy), profile, wanted),
    goal,
    littleEndian: isLittleEndian({ kind: "policy", policy }),
    special: (graph, id, usual) => {
      const source = sources.get(id);
      return source === undefined ? undefined : smaller(diagrams, graph, id, source, usual);
    },
  });
}

/** Compiles and proves in one store. */
function compileIn(diagrams: Diagrams, policy: Policy, options: CompileOptions): Parsed<Compiled> {
  const program = made(diagrams, policy, options);
  // Given up: another store is tried, or none is left.
  if (diagrams.budget < 0) return notProved(ENTANGLED);
  const refused = validate(program);
  if (refused.length > 0) {
    const help = "fewer rules, or fewer architectures in one filter";
    return { ok: false, diagnostics: refused.map((each) => ({ ...each, code: "filter-too-long", help })) };
  }
  const proof = proveIn(diagrams, program, { kind: "policy", policy });
  if (proof.kind === "holds")
    return { ok: true, value: { program, littleEndian: isLittleEndian({ kind: "policy", policy }) }, diagnostics: [] };
  return notProved(proof);
}

/** Conditions that are not told apart within so many steps are compiled as they are written. */
const BUDGET = 20_000;

/**
 * Compiles a policy and proves the result. Diagnostics: `filter-mixed-order` (architectures of both byte orders can
 * never run one filter), `filter-too-long` (more than the kernel's 4096 instructions), `filter-not-proved`.
 *
 * @example
 * import { compileFilter, denyList, emulate } from "cloison";
 * import assert from "node:assert";
 * const policy = denyList(["reboot"], { kind: "errno", errno: "EPERM" });
 * const { program } = compileFilter(policy).value;
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 169 }).value, 0x00050001);
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 0 }).value, 0x7fff0000);
 */
export function compile(policy: Policy, options: CompileOptions = {}): Parsed<Compiled> {
  if (orders(policy).length > 1) {
    const message = "the policy names architectures of both byte orders";
    return { ok: false, diagnostics: failed("filter-mixed-order", message, "compile one filter for each of them") };
  }
  const numbered = withErrorNumbers(policy);
  return withDiagrams((diagrams) => compileIn(diagrams, numbered, options), BUDGET);
}
