/** Reads the bytes of a filter of unknown byte order: they make sense as instructions in only one of the two. */
import type { Parsed } from "../diagnostic/diagnostic.ts";
import { decode, type Program, type TargetProgram } from "./instruction.ts";
import { opcodeOf } from "./opcode.ts";

function known(program: Program): number {
  return program.filter(({ code }) => opcodeOf(code) !== undefined).length;
}

/** The most instructions that `struct sock_fprog` can count; nothing longer is a filter on any machine. */
const MOST = 65535;

/**
 * Reads an array of `struct sock_filter`. Without `littleEndian` it picks the byte order in which seccomp knows more of
 * the operations; little-endian on a tie. The only error is `bpf-length`.
 *
 * @example
 * import { encodeProgram, readFilter } from "cloison";
 * import assert from "node:assert";
 * const program = [{ code: 0x20, jt: 0, jf: 0, k: 4 }, { code: 0x16, jt: 0, jf: 0, k: 0 }];
 * assert.deepEqual(readFilter(encodeProgram(program, false)).value, { program, littleEndian: false });
 */
export function readFilter(bytes: Uint8Array, littleEndian?: boolean): Parsed<TargetProgram> {
  if (bytes.length > MOST * 8) {
    const message = `${bytes.length} bytes are too many: no filter has more than ${MOST} instructions`;
    return { ok: false, diagnostics: [{ code: "bpf-length", severity: "error", message, help: "is it a filter?" }] };
  }
  const little = decode(bytes, littleEndian ?? true);
  if (!little.ok) {
    return little;
  }
  if (littleEndian !== undefined) {
    return { ok: true, value: { program: little.value, littleEndian }, diagnostics: [] };
  }
  const big = decode(bytes, false);
  const turned = big.ok && known(big.value) > known(little.value);
  const value = turned ? { program: big.value, littleEndian: false } : { program: little.value, littleEndian: true };
  return { ok: true, value, diagnostics: [] };
}
