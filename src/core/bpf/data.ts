/**
 * What a filter sees: `struct seccomp_data` of include/uapi/linux/seccomp.h, sixty-four bytes.
 *
 *      0  4  nr (signed)
 *      4  4  arch (AUDIT_ARCH_*)
 *      8  8  instruction_pointer
 *     16  8  args[0] … 56 args[5]
 */

/** Size in bytes; also what the LEN operations load. */
export const DATA_SIZE = 64;
/** Offset of the number of the call. */
export const NR_OFFSET = 0;
/** Offset of the architecture. */
export const ARCH_OFFSET = 4;
const POINTER_OFFSET = 8;
const ARGS_OFFSET = 16;
/** Bytes of the instruction pointer and of each argument. */
const WIDE_SIZE = 8;

/** A call as a filter gets it. */
export interface SeccompData {
  /** AUDIT_ARCH_*, unsigned 32 bits. */
  readonly arch: number;
  /** 32 bits; -1 and 0xffffffff are the same. */
  readonly nr: number;
  /** 64 bits; 0 if left out. */
  readonly instructionPointer?: bigint;
  /** Up to six words of 64 bits; those left out are 0. */
  readonly args?: readonly bigint[];
}

/** The sixteen 32-bit words of the data, by offset / 4, for a machine of that byte order. */
export function dataWords(data: SeccompData, littleEndian: boolean): Uint32Array {
  const words = new Uint32Array(DATA_SIZE / 4);
  words[0] = data.nr;
  words[1] = data.arch;
  const wide = [data.instructionPointer ?? 0n, ...(data.args ?? [])].slice(0, 7);
  for (const [index, value] of wide.entries()) {
    const [low, high] = [Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn)];
    words[2 + 2 * index] = littleEndian ? low : high;
    words[3 + 2 * index] = littleEndian ? high : low;
  }
  return words;
}

/** One 32-bit field of the data. */
export type Field =
  | { readonly kind: "nr" }
  | { readonly kind: "arch" }
  | { readonly kind: "instruction-pointer"; readonly half: "lo" | "hi" }
  | { readonly kind: "argument"; readonly index: number; readonly half: "lo" | "hi" };

/**
 * The field at an offset; undefined unless that is a multiple of 4 below 64. Which half of a 64-bit word comes first
 * depends on the byte order.
 *
 * @example
 * import { fieldAt } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(fieldAt(16, true), { kind: "argument", index: 0, half: "lo" });
 * assert.deepEqual(fieldAt(16, false), { kind: "argument", index: 0, half: "hi" });
 */
export function fieldAt(offset: number, littleEndian: boolean): Field | undefined {
  if (offset % 4 !== 0 || offset < 0 || offset >= DATA_SIZE) {
    return undefined;
  }
  if (offset === NR_OFFSET) {
    return { kind: "nr" };
  }
  if (offset === ARCH_OFFSET) {
    return { kind: "arch" };
  }
  const half = (offset % WIDE_SIZE === 0) === littleEndian ? "lo" : "hi";
  if (offset < ARGS_OFFSET) {
    return { kind: "instruction-pointer", half };
  }
  return { kind: "argument", index: Math.floor((offset - ARGS_OFFSET) / WIDE_SIZE), half };
}

function offsetOfHalf(half: "lo" | "hi", littleEndian: boolean): number {
  return (half === "lo") === littleEndian ? 0 : WIDE_SIZE / 2;
}

/** The offset of a field: the inverse of `fieldAt`. */
export function offsetOf(field: Field, littleEndian: boolean): number {
  switch (field.kind) {
    case "nr":
      return NR_OFFSET;
    case "arch":
      return ARCH_OFFSET;
    case "instruction-pointer":
      return POINTER_OFFSET + offsetOfHalf(field.half, littleEndian);
    case "argument":
      return ARGS_OFFSET + WIDE_SIZE * field.index + offsetOfHalf(field.half, littleEndian);
  }
}

/** A field as text: `nr`, `arch`, `ip.lo`, `args[0].hi`. */
export function fieldText(field: Field): string {
  switch (field.kind) {
    case "nr":
    case "arch":
      return field.kind;
    case "instruction-pointer":
      return `ip.${field.half}`;
    case "argument":
      return `args[${field.index}].${field.half}`;
  }
}

/** The inverse of `fieldText`; undefined for other text. */
export function fieldOfText(text: string): Field | undefined {
  if (text === "nr" || text === "arch") {
    return { kind: text };
  }
  const [, word, index, ending] = /^(ip|args\[([0-5])\])\.(lo|hi)$/.exec(text) ?? [];
  if (word === undefined) {
    return undefined;
  }
  const half = ending === "lo" ? "lo" : "hi";
  return word === "ip" ? { kind: "instruction-pointer", half } : { kind: "argument", index: Number(index), half };
}
