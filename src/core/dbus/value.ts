/** Values as programs hold them, and what each basic type admits. Facts: D-Bus Specification 0.43, "Basic types". */
import type { BasicCode } from "./signature.ts";

/**
 * A value, read by its type: numbers for y, n, q, i, u and d; bigints for x and t; booleans; text for s, o and g; lists
 * for arrays, for structs (a field each) and for entries of dictionaries (key and value).
 */
export type DbusValue = number | bigint | boolean | string | readonly DbusValue[] | DbusVariant;

/** A value with its own signature, of exactly one complete type. */
export interface DbusVariant {
  readonly signature: string;
  readonly value: DbusValue;
}

/** The width in bytes of a whole number, and whether it has a sign. */
export const WHOLE_NUMBERS = {
  y: { width: 1, signed: false },
  n: { width: 2, signed: true },
  q: { width: 2, signed: false },
  i: { width: 4, signed: true },
  u: { width: 4, signed: false },
  x: { width: 8, signed: true },
  t: { width: 8, signed: false },
} as const;

/** A basic type that is a whole number. */
export type WholeCode = keyof typeof WHOLE_NUMBERS;

/** Whether a basic type is a whole number. */
export function isWhole(code: BasicCode): code is WholeCode {
  return Object.hasOwn(WHOLE_NUMBERS, code);
}

const OBJECT_PATH = /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/;

const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** Why text cannot be a string or an object path; undefined if it can. Signatures have a parser. */
export function faultOfText(code: "s" | "o", text: string): string | undefined {
  if (text.includes("\0")) {
    return "a string holds a NUL";
  }
  if (LONE_SURROGATE.test(text)) {
    return "a string holds half of a character";
  }
  return code === "s" || OBJECT_PATH.test(text) ? undefined : `${JSON.stringify(text)} is no object path`;
}
