/**
 * One instruction of the classic BPF machine and a program of them, as bytes and back.
 * Layout: `struct sock_filter` of include/uapi/linux/filter.h, in the byte order of the machine that runs the filter.
 */
import type { Parsed } from "../diagnostic/diagnostic.ts";

/** One instruction. Conditional jumps count `jt` and `jf` from the next instruction; `k` is an unsigned 32-bit word. */
export interface Instruction {
  /** 16 bits. */
  readonly code: number;
  /** 8 bits. */
  readonly jt: number;
  /** 8 bits. */
  readonly jf: number;
  /** 32 bits, never negative (`>>> 0`). */
  readonly k: number;
}

/** A program; the first instruction runs first. The kernel need not accept it: see `validate`. */
export type Program = readonly Instruction[];

/** A program and the byte order of its machine, without which it can be neither run nor written. */
export interface TargetProgram {
  readonly program: Program;
  /**
   * Decides which half of an argument comes first in `struct seccomp_data`, and the byte order of the program itself.
   */
  readonly littleEndian: boolean;
}

/** Bytes of one instruction. */
export const INSTRUCTION_SIZE = 8;
/** The most instructions that one filter may have (BPF_MAXINSNS of include/uapi/linux/bpf_common.h). */
export const MAX_INSTRUCTIONS = 4096;
/** How far a conditional jump goes: `jt` and `jf` are eight bits. JA goes anywhere. */
export const JUMP_REACH = 255;
/** How many words of scratch memory the machine has, M[0] and up (BPF_MEMWORDS of include/uapi/linux/filter.h). */
export const SCRATCH_WORDS = 16;

/**
 * A program as bytes: code (2), jt, jf, k (4). Fields are truncated to their width.
 *
 * @example
 * import { decodeProgram, encodeProgram } from "cloison";
 * import assert from "node:assert";
 * const allow = [{ code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 }];
 * assert.deepEqual([...encodeProgram(allow, true)], [6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
 * assert.deepEqual(decodeProgram(encodeProgram(allow, false), false).value, allow);
 */
export function encode(program: Program, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(program.length * INSTRUCTION_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    const at = index * INSTRUCTION_SIZE;
    view.setUint16(at, code, littleEndian);
    view.setUint8(at + 2, jt);
    view.setUint8(at + 3, jf);
    view.setUint32(at + 4, k, littleEndian);
  }
  return bytes;
}

/**
 * Reads the bytes of a program. Any instruction is accepted; the only error is a partial one at the end (`bpf-length`).
 */
export function decode(bytes: Uint8Array, littleEndian: boolean): Parsed<Program> {
  if (bytes.length % INSTRUCTION_SIZE !== 0) {
    const message = `${bytes.length} bytes are not a whole number of instructions of ${INSTRUCTION_SIZE} bytes`;
    const help = "a raw filter is an array of struct sock_filter and nothing else";
    return { ok: false, diagnostics: [{ code: "bpf-length", severity: "error", message, help }] };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = Array.from({ length: bytes.length / INSTRUCTION_SIZE }, (_, index): Instruction => {
    const at = index * INSTRUCTION_SIZE;
    return {
      code: view.getUint16(at, littleEndian),
      jt: view.getUint8(at + 2),
      jf: view.getUint8(at + 3),
      k: view.getUint32(at + 4, littleEndian),
    };
  });
  return { ok: true, value, diagnostics: [] };
}
