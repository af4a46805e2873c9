/** Values → bytes, little-endian. Facts: D-Bus Specification 0.43, "Marshaling (Wire Format)". */
import { littleEndian, utf8 } from "../kernel/bytes.ts";
import { alignmentOf, type BasicCode, type DbusType, parseSignature } from "./signature.ts";
import { type DbusValue, type DbusVariant, faultOfText, isWhole, WHOLE_NUMBERS, type WholeCode } from "./value.ts";

/** The most bytes of an array's elements. */
export const ARRAY_LIMIT = 67_108_864;

function mismatch(type: string, value: DbusValue): RangeError {
  return new RangeError(`a ${typeof value} cannot be marshalled as ${type}`);
}

/** Zeroes up to a multiple. */
export function pad(out: number[], alignment: number): void {
  while (out.length % alignment !== 0) {
    out.push(0);
  }
}

function append(out: number[], bytes: Iterable<number>): void {
  for (const byte of bytes) {
    out.push(byte);
  }
}

function typesOf(signature: string): readonly DbusType[] {
  const parsed = parseSignature(signature);
  if (!parsed.ok) {
    throw new RangeError(parsed.diagnostics[0]?.message);
  }
  return parsed.value;
}

function writeWhole(out: number[], code: WholeCode, value: DbusValue): void {
  const { width, signed } = WHOLE_NUMBERS[code];
  const whole = width === 8 ? typeof value === "bigint" : Number.isInteger(value) && typeof value === "number";
  if (!whole) {
    throw mismatch(code, value);
  }
  const number = BigInt(value as number | bigint);
  const fits = signed ? BigInt.asIntN(8 * width, number) : BigInt.asUintN(8 * width, number);
  if (fits !== number) {
    throw new RangeError(`${number} does not fit ${code}`);
  }
  append(out, littleEndian(number, width));
}

function writeDouble(out: number[], value: number): void {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  append(out, new Uint8Array(view.buffer));
}

function writeText(out: number[], code: "s" | "o" | "g", text: string): void {
  const fault = code === "g" ? undefined : faultOfText(code, text);
  if (fault !== undefined) {
    throw new RangeError(fault);
  }
  if (code === "g") {
    typesOf(text);
  }
  const content = utf8(text);
  append(out, littleEndian(content.length, code === "g" ? 1 : 4));
  append(out, [...content, 0]);
}

function writeBasic(out: number[], code: BasicCode, value: DbusValue): void {
  if (isWhole(code)) {
    writeWhole(out, code, value);
  } else if (code === "b" && typeof value === "boolean") {
    append(out, littleEndian(value ? 1 : 0, 4));
  } else if (code === "d" && typeof value === "number") {
    writeDouble(out, value);
  } else if (code !== "b" && code !== "d" && typeof value === "string") {
    writeText(out, code, value);
  } else {
    throw mismatch(code, value);
  }
}

function writeArray(out: number[], of: DbusType, elements: readonly DbusValue[]): void {
  const length = out.length;
  append(out, [0, 0, 0, 0]);
  // The length does not count the padding before the first element.
  pad(out, alignmentOf(of));
  const start = out.length;
  for (const element of elements) {
    writeValue(out, of, element);
  }
  if (out.length - start > ARRAY_LIMIT) {
    throw new RangeError(`an array of more than ${ARRAY_LIMIT} bytes`);
  }
  for (const [offset, byte] of littleEndian(out.length - start, 4).entries()) {
    out[length + offset] = byte;
  }
}

function writeFields(out: number[], types: readonly DbusType[], values: readonly DbusValue[]): void {
  if (types.length !== values.length) {
    throw new RangeError(`${values.length} values for ${types.length} types`);
  }
  for (const [index, type] of types.entries()) {
    writeValue(out, type, values[index] as DbusValue);
  }
}

function writeVariant(out: number[], { signature, value }: DbusVariant): void {
  const types = typesOf(signature);
  writeText(out, "g", signature);
  writeFields(out, types, [value]);
}

function isList(value: DbusValue): value is readonly DbusValue[] {
  return Array.isArray(value);
}

/** Writes a value behind what is there, aligned from its beginning. RangeError: the value is not of the type. */
export function writeValue(out: number[], type: DbusType, value: DbusValue): void {
  pad(out, alignmentOf(type));
  if (type.kind === "basic") {
    writeBasic(out, type.code, value);
  } else if (type.kind === "variant") {
    if (typeof value !== "object" || isList(value)) {
      throw mismatch("a variant", value);
    }
    writeVariant(out, value);
  } else if (!isList(value)) {
    throw mismatch(`a list (${type.kind})`, value);
  } else if (type.kind === "array") {
    writeArray(out, type.of, value);
  } else {
    writeFields(out, type.kind === "struct" ? type.fields : [{ kind: "basic", code: type.key }, type.value], value);
  }
}

/**
 * Values of a signature as bytes. RangeError: a value is not of its type.
 *
 * @example
 * import { marshal } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual([...marshal("yu", [1, 2])], [1, 0, 0, 0, 2, 0, 0, 0]);
 * assert.throws(() => marshal("y", [256]), RangeError);
 */
export function marshal(signature: string, values: readonly DbusValue[]): Uint8Array {
  const out: number[] = [];
  writeFields(out, typesOf(signature), values);
  return Uint8Array.from(out);
}
