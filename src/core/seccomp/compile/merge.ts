/**
 * A stack of filters merged into one that provably does the same, for calls to run one instead of all
 * (filter/filter.ts).
 */
import type { Program } from "../../bpf/instruction.ts";
import type { Parsed } from "../../diagnostic/diagnostic.ts";
import { type Compiled, type CompileOptions, compile } from "./compile.ts";

/** How to merge programs. */
export interface MergeOptions extends CompileOptions {
  /** Byte order of the machine that runs them; little if left out. */
  readonly littleEndian?: boolean;
}

/**
 * One program that answers every call as a stack of programs does, oldest first. Diagnostics as `compile`.
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
  return compile({ kind: "stack", programs, littleEndian: options.littleEndian ?? true }, options);
}
