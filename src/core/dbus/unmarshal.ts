/**
 * Bytes → values, of either byte order; whoever sent them may be hostile. Facts: D-Bus Specification 0.43, "Marshaling
 * (Wire Format)".
 */
import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";
import { textOfUtf8 } from "../kernel/bytes.ts";
import { ARRAY_LIMIT } from "./marshal.ts";
import { alignmentOf, type BasicCode, type DbusType, parseSignature } from "./signature.ts";
import { type DbusValue, faultOfText, isWhole, WHOLE_NUMBERS, type WholeCode } from "./value.ts";

/** Variants bring types at run time, so that no signature bounds how deep they stand in each other. */
const DEPTH_LIMIT = 64;

/** Where the next value is read. After a failure what is read means nothing. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  at: number;
  failure?: string;
}

function fail(cursor: Cursor, reason: string): void {
  cursor.failure ??= reason;
}

/** Takes so many bytes; too few are zeroes and a failure. */
function take(cursor: Cursor, length: number): DataView {
  const { bytes, at } = cursor;
  if (cursor.failure !== undefined || at + length > bytes.length) {
    fail(cursor, "the bytes end in the middle of a value");
    return new DataView(new ArrayBuffer(Math.min(length, 8)));
  }
  cursor.at += length;
  return new DataView(bytes.buffer, bytes.byteOffset + at, length);
}

/** Skips to a multiple; what is skipped must be zero. */
export function align(cursor: Cursor, alignment: number): void {
  while (cursor.at % alignment !== 0 && cursor.failure === undefined) {
    if (take(cursor, 1).getUint8(0) !== 0) {
      fail(cursor, "padding that is not zero");
    }
  }
}

function readWhole(cursor: Cursor, code: WholeCode): number | bigint {
  const view = take(cursor, WHOLE_NUMBERS[code].width);
  const { littleEndian } = cursor;
  switch (code) {
    case "y":
      return view.getUint8(0);
    case "n":
      return view.getInt16(0, littleEndian);
    case "q":
      return view.getUint16(0, littleEndian);
    case "i":
      return view.getInt32(0, littleEndian);
    case "u":
      return view.getUint32(0, littleEndian);
    case "x":
      return view.getBigInt64(0, littleEndian);
    case "t":
      return view.getBigUint64(0, littleEndian);
  }
}

function readText(cursor: Cursor, code: "s" | "o" | "g"): string {
  const length = Number(readWhole(cursor, code === "g" ? "y" : "u"));
  const content = take(cursor, length);
  const end = take(cursor, 1);
  if (cursor.failure !== undefined) {
    return "";
  }
  if (end.getUint8(0) !== 0) {
    fail(cursor, "a string without its NUL");
  }
  const text = textOfUtf8(new Uint8Array(content.buffer, content.byteOffset, content.byteLength));
  if (text === undefined) {
    fail(cursor, "a string that is not UTF-8");
    return "";
  }
  if (code === "g") {
    readSignature(cursor, text);
  } else {
    const fault = faultOfText(code, text);
    if (fault !== undefined) {
      fail(cursor, fault);
    }
  }
  return text;
}

function readSignature(cursor: Cursor, text: string): readonly DbusType[] {
  const parsed = parseSignature(text);
  if (!parsed.ok) {
    fail(cursor, parsed.diagnostics[0]?.message ?? "a signature");
    return [];
  }
  return parsed.value;
}

function readBoolean(cursor: Cursor): boolean {
  const word = readWhole(cursor, "u");
  if (word !== 0 && word !== 1) {
    fail(cursor, `a boolean of ${word}`);
  }
  return word === 1;
}

function readBasic(cursor: Cursor, code: BasicCode): DbusValue {
  if (isWhole(code)) {
    return readWhole(cursor, code);
  }
  switch (code) {
    case "b":
      return readBoolean(cursor);
    case "d":
      return take(cursor, 8).getFloat64(0, cursor.littleEndian);
    default:
      return readText(cursor, code);
  }
}

function readArray(cursor: Cursor, of: DbusType, depth: number): readonly DbusValue[] {
  const length = Number(readWhole(cursor, "u"));
  align(cursor, alignmentOf(of));
  const end = cursor.at + length;
  if (length > ARRAY_LIMIT || end > cursor.bytes.length) {
    fail(cursor, "an array that is longer than the bytes");
  }
  const elements: DbusValue[] = [];
  while (cursor.failure === undefined && cursor.at < end) {
    elements.push(readValue(cursor, of, depth));
  }
  if (cursor.at !== end) {
    fail(cursor, "an array that ends in the middle of an element");
  }
  return elements;
}

function readVariant(cursor: Cursor, depth: number): DbusValue {
  const signature = readText(cursor, "g");
  const [type, ...more] = cursor.failure === undefined ? readSignature(cursor, signature) : [];
  if (type === undefined || more.length > 0) {
    fail(cursor, "a variant of not exactly one type");
    return 0;
  }
  return { signature, value: readValue(cursor, type, depth) };
}

/** Reads a value of a type; `depth`: how many containers it stands in. */
export function readValue(cursor: Cursor, type: DbusType, depth = 0): DbusValue {
  if (depth > DEPTH_LIMIT) {
    fail(cursor, `nested deeper than ${DEPTH_LIMIT}`);
    return 0;
  }
  align(cursor, alignmentOf(type));
  switch (type.kind) {
    case "basic":
      return readBasic(cursor, type.code);
    case "array":
      return readArray(cursor, type.of, depth + 1);
    case "struct":
      return type.fields.map((field) => readValue(cursor, field, depth + 1));
    case "entry":
      return [readBasic(cursor, type.key), readValue(cursor, type.value, depth + 1)];
    case "variant":
      return readVariant(cursor, depth + 1);
  }
}

/** Reads the values of a signature, up to the end of the bytes. */
export function readValues(cursor: Cursor, signature: string): readonly DbusValue[] {
  const values = readSignature(cursor, signature).map((type) => readValue(cursor, type));
  if (cursor.at !== cursor.bytes.length) {
    fail(cursor, "bytes behind the last value");
  }
  return values;
}

/**
 * Little-endian bytes as the values of a signature. The only error is `dbus-values`.
 *
 * @example
 * import { unmarshal } from "cloison";
 * import assert from "node:assert";
 * assert.deepEqual(unmarshal("yu", Uint8Array.from([1, 0, 0, 0, 2, 0, 0, 0])).value, [1, 2]);
 * assert.equal(unmarshal("u", Uint8Array.from([1])).ok, false);
 */
export function unmarshal(signature: string, bytes: Uint8Array): Parsed<readonly DbusValue[]> {
  const cursor: Cursor = { bytes, littleEndian: true, at: 0 };
  const value = readValues(cursor, signature);
  return cursor.failure === undefined
    ? { ok: true, value, diagnostics: [] }
    : refusal("dbus-values", `no values of ${JSON.stringify(signature)}: ${cursor.failure}`);
}
