/**
 * The sixteen 32-bit words that a filter can read, in the one order in which every diagram tests them: architecture,
 * number, then each argument and at last the instruction pointer, upper half first. Facts: struct seccomp_data.
 */
import { type Field, fieldAt, offsetOf } from "../../bpf/data.ts";

/** How many words there are. */
export const WORDS = 16;
/** Comes after everything that a function can test: the place of its leaves. */
export const LEAF: number = 2 ** 30;
/** The word that holds AUDIT_ARCH_*. */
export const ARCH_WORD = 0;
/** The word that holds the number of the call. */
export const NUMBER_WORD = 1;
/** The upper half of the instruction pointer. */
export const POINTER_WORD = 14;

/** The upper half of an argument (0…5); the lower one is the next word. */
export function argumentWord(argument: number): number {
  return 2 + 2 * argument;
}

/** The upper 32 bits of a value of 64. */
export function upperHalf(value: bigint): number {
  return Number(BigInt.asUintN(32, value >> 32n));
}

/** The lower 32 bits of a value. */
export function lowerHalf(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

/** A word's field of `struct seccomp_data`. */
export function fieldOfWord(word: number): Field {
  if (word === ARCH_WORD) {
    return { kind: "arch" };
  }
  if (word === NUMBER_WORD) {
    return { kind: "nr" };
  }
  const half = word % 2 === 0 ? "hi" : "lo";
  if (word >= POINTER_WORD) {
    return { kind: "instruction-pointer", half };
  }
  return { kind: "argument", index: (word - 2) >> 1, half };
}

/** The offset of a word in `struct seccomp_data`, for a machine of that byte order. */
export function offsetOfWord(word: number, littleEndian: boolean): number {
  return offsetOf(fieldOfWord(word), littleEndian);
}

/** The word at an offset; undefined where a filter cannot load. */
export function wordAt(offset: number, littleEndian: boolean): number | undefined {
  const field = fieldAt(offset, littleEndian);
  if (field === undefined) {
    return undefined;
  }
  switch (field.kind) {
    case "arch":
      return ARCH_WORD;
    case "nr":
      return NUMBER_WORD;
    case "instruction-pointer":
      return field.half === "hi" ? POINTER_WORD : POINTER_WORD + 1;
    case "argument":
      return argumentWord(field.index) + (field.half === "hi" ? 0 : 1);
  }
}
