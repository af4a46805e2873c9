/**
 * Signatures: the types of values, one letter each, containers around them. Descriptors (`h`) are not spoken here.
 * Facts: D-Bus Specification 0.43, "Type System".
 */
import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";

/** Codes of the types that hold no others: byte, boolean, (un)signed 16, 32, 64 bits, double, string, path, signature. */
export const BASIC_CODES = ["y", "b", "n", "q", "i", "u", "x", "t", "d", "s", "o", "g"] as const;

/** One of these codes. */
export type BasicCode = (typeof BASIC_CODES)[number];

/** A complete type. */
export type DbusType =
  | { readonly kind: "basic"; readonly code: BasicCode }
  | { readonly kind: "array"; readonly of: DbusType }
  | { readonly kind: "struct"; readonly fields: readonly DbusType[] }
  /** A pair in a dictionary, which is an array of such pairs. */
  | { readonly kind: "entry"; readonly key: BasicCode; readonly value: DbusType }
  /** A value that brings its own signature. */
  | { readonly kind: "variant" };

/** The most bytes of a signature. */
export const SIGNATURE_LIMIT = 255;
/** How deep arrays may stand in arrays, and structs in structs. */
const DEPTH_LIMIT = 32;

interface Place {
  readonly text: string;
  at: number;
  failure?: string;
}

interface Depth {
  readonly arrays: number;
  readonly structs: number;
}

const NOTHING: DbusType = { kind: "variant" };

function fail(place: Place, reason: string): DbusType {
  place.failure ??= reason;
  return NOTHING;
}

function isBasic(letter: string): letter is BasicCode {
  return BASIC_CODES.some((code) => code === letter);
}

function readStruct(place: Place, depth: Depth): DbusType {
  const fields: DbusType[] = [];
  while (place.failure === undefined && place.text[place.at] !== ")") {
    fields.push(readType(place, depth));
  }
  place.at += 1;
  return fields.length === 0 ? fail(place, "a struct without fields") : { kind: "struct", fields };
}

function readEntry(place: Place, depth: Depth): DbusType {
  const key = place.text[place.at] ?? "";
  place.at += 1;
  if (!isBasic(key)) {
    return fail(place, "the key of a dictionary is no basic type");
  }
  const value = readType(place, depth);
  const end = place.text[place.at];
  place.at += 1;
  return end === "}" ? { kind: "entry", key, value } : fail(place, "an entry of a dictionary has a key and one value");
}

function readArray(place: Place, depth: Depth): DbusType {
  if (place.text[place.at] !== "{") {
    return { kind: "array", of: readType(place, depth) };
  }
  place.at += 1;
  return { kind: "array", of: readEntry(place, { ...depth, structs: depth.structs + 1 }) };
}

function readType(place: Place, depth: Depth): DbusType {
  if (depth.arrays > DEPTH_LIMIT || depth.structs > DEPTH_LIMIT) {
    return fail(place, `nested deeper than ${DEPTH_LIMIT}`);
  }
  const letter = place.text[place.at] ?? "";
  place.at += 1;
  if (isBasic(letter)) {
    return { kind: "basic", code: letter };
  }
  switch (letter) {
    case "v":
      return { kind: "variant" };
    case "a":
      return readArray(place, { ...depth, arrays: depth.arrays + 1 });
    case "(":
      return readStruct(place, { ...depth, structs: depth.structs + 1 });
    case "":
      return fail(place, "it ends in the middle of a type");
    default:
      return fail(place, `there is no type ${JSON.stringify(letter)} here`);
  }
}

/**
 * The complete types of a signature, in order; none for the empty one. The only error is `dbus-signature`.
 *
 * @example
 * import { parseSignature } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(parseSignature("as").value, [{ kind: "array", of: { kind: "basic", code: "s" } }]);
 * assert.equal(parseSignature("a{vs}").ok, false);
 */
export function parseSignature(text: string): Parsed<readonly DbusType[]> {
  const place: Place = { text, at: 0 };
  const types: DbusType[] = [];
  if (text.length > SIGNATURE_LIMIT) {
    place.failure = `it is longer than ${SIGNATURE_LIMIT} bytes`;
  }
  while (place.failure === undefined && place.at < text.length) {
    types.push(readType(place, { arrays: 0, structs: 0 }));
  }
  if (place.failure !== undefined) {
    return refusal("dbus-signature", `${JSON.stringify(text)} is no signature of D-Bus: ${place.failure}`);
  }
  return { ok: true, value: types, diagnostics: [] };
}

/** The alignment of a type's values in bytes. */
export function alignmentOf(type: DbusType): 1 | 2 | 4 | 8 {
  switch (type.kind) {
    case "array":
      return 4;
    case "struct":
    case "entry":
      return 8;
    case "variant":
      return 1;
    case "basic":
      return BASIC_ALIGNMENT[type.code];
  }
}

const BASIC_ALIGNMENT: Readonly<Record<BasicCode, 1 | 2 | 4 | 8>> = {
  y: 1,
  b: 4,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  x: 8,
  t: 8,
  d: 8,
  s: 4,
  o: 4,
  g: 1,
};
