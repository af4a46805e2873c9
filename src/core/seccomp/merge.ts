/** A stack of filters as one that does the same, proved. A process has to run one instead of all; see `filter.ts` for the rule. */
import type { Program } from "../bpf/instruction.ts";
import { validate } from "../bpf/validate.ts";
import type { Parsed } from "../diagnostic/diagnostic.ts";
import { ABIS, type Abi, tableOf } from "../kernel/syscalls/syscall.ts";
import { compareFunctions, type Undecided, unknownPart, withDiagrams } from "./compare.ts";
import { programOf } from "./compile/program.ts";
import { weightsOf } from "./compile/weigh.ts";
import type { Compiled, CompileOptions } from "./compile.ts";
import type { Diagrams, NodeId } from "./diagram/diagram.ts";
import { ARCH_WORD } from "./diagram/words.ts";
import { type Filter, functionOfFilter, isLittleEndian } from "./filter.ts";
import { walk } from "./walk.ts";

/** The ABIs that a function tells apart; x86_64 if it tells none. */
function abisToldBy(diagrams: Diagrams, root: NodeId): readonly Abi[] {
  const node = diagrams.nodes[root];
  const starts = node?.kind === "ranges" && node.word === ARCH_WORD ? node.starts : [];
  const told = ABIS.filter((abi) => starts.includes(tableOf(abi).audit));
  return told.length === 0 ? ABIS.slice(0, 1) : told;
}

function undecided({ reason }: Undecided): Parsed<Compiled> {
  const help = "the filters must decide by comparisons with constants";
  const message = `the filters cannot be followed: ${reason}`;
  return { ok: false, diagnostics: [{ code: "filter-not-followed", severity: "error", message, help }] };
}

function mergeIn(diagrams: Diagrams, filter: Filter, { goal = "speed", profile }: CompileOptions): Parsed<Compiled> {
  const littleEndian = isLittleEndian(filter);
  const wanted = functionOfFilter(filter, diagrams);
  const gap = unknownPart(diagrams, wanted.root);
  if (gap !== undefined) return undecided(gap);
  const weights = weightsOf(abisToldBy(diagrams, wanted.root), profile, wanted);
  const program = programOf(wanted, { weights, goal, littleEndian });
  const refused = validate(program);
  if (refused.length > 0) {
    return { ok: false, diagnostics: refused.map((each) => ({ ...each, code: "filter-too-long" })) };
  }
  const compared = compareFunctions(wanted, walk(program, { littleEndian, diagrams }));
  if (compared.kind === "same") return { ok: true, value: { program, littleEndian }, diagnostics: [] };
  const message = `the merged filter could not be proved${compared.kind === "unknown" ? `: ${compared.reason}` : ""}`;
  return { ok: false, diagnostics: [{ code: "filter-not-proved", severity: "error", message }] };
}

/**
 * One program that answers every call as a filter in any form does: a stack of policies or programs as one, a program
 * written anew. Diagnostics: `filter-not-followed` (what a program does cannot be told), `filter-too-long`,
 * `filter-not-proved`. For a single policy `compile` has more to go by.
 *
 * @example
 * import { denyList, emulate, mergeFilter } from "cloison";
 * import assert from "node:assert";
 * const deny = (call) => denyList([call], { kind: "errno", errno: "EPERM" });
 * const { program } = mergeFilter({ kind: "policies", policies: [deny("reboot"), deny("swapon")] }).value;
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 167 }).value, 0x00050001);
 */
export function mergeFilter(filter: Filter, options: CompileOptions = {}): Parsed<Compiled> {
  return withDiagrams((diagrams) => mergeIn(diagrams, filter, options));
}

/** How to merge programs. */
export interface MergeOptions extends CompileOptions {
  /** Byte order of the machine that runs them; little if left out. */
  readonly littleEndian?: boolean;
}

/**
 * One program that answers every call as a stack of programs does, oldest first. Diagnostics as `mergeFilter`.
 *
 * @example
 * import { compileFilter, denyList, emulate, mergeFilters } from "cloison";
 * import assert from "node:assert";
 * const deny = (call, errno) => compileFilter(denyList([call], { kind: "errno", errno })).value.program;
 * const { program } = mergeFilters([deny("reboot", "EPERM"), deny("swapon", "EACCES")]).value;
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 169 }).value, 0x00050001);
 * assert.equal(emulate(program, { arch: 0xc000003e, nr: 167 }).value, 0x0005000d);
 */
export function merge(programs: readonly Program[], options: MergeOptions = {}): Parsed<Compiled> {
  return mergeFilter({ kind: "stack", programs, littleEndian: options.littleEndian ?? true }, options);
}
