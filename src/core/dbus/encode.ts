/** Messages → bytes, little-endian. */
import { littleEndian } from "../kernel/bytes.ts";
import { marshal, pad } from "./marshal.ts";
import {
  type DbusMessage,
  FIELDS_SIGNATURE,
  HEADER_FIELDS,
  type HeaderField,
  MESSAGE_FLAGS,
  MESSAGE_KINDS,
  MESSAGE_LIMIT,
  PROTOCOL_VERSION,
} from "./message.ts";
import type { DbusValue } from "./value.ts";

function fieldsOf(message: DbusMessage): readonly DbusValue[] {
  const given: Partial<Record<HeaderField, DbusValue>> = { ...message };
  return (Object.keys(HEADER_FIELDS) as HeaderField[]).flatMap((name): DbusValue[] => {
    const value = given[name];
    const { code, type } = HEADER_FIELDS[name];
    const left = value === undefined || (name === "signature" && value === "");
    return left ? [] : [[code, { signature: type, value }]];
  });
}

/**
 * A message as bytes. RangeError: a value is not of its type, or the message is too long.
 *
 * @example
 * import { encodeMessage } from "cloison";
 * import assert from "node:assert";
 * const hello = { kind: "call", serial: 1, flags: [], path: "/", member: "Hello", signature: "", body: [] };
 * assert.deepEqual([...encodeMessage(hello).slice(0, 12)], [0x6c, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]);
 */
export function encodeMessage(message: DbusMessage): Uint8Array {
  const { kind, serial, flags, signature } = message;
  if (serial === 0) {
    throw new RangeError("the serial of a message is not 0");
  }
  const body = marshal(signature, message.body);
  const order = "l".charCodeAt(0);
  const bits = flags.reduce((all, flag) => all | MESSAGE_FLAGS[flag], 0);
  const head = marshal(`yyyyuu${FIELDS_SIGNATURE}`, [
    ...[order, MESSAGE_KINDS[kind], bits, PROTOCOL_VERSION, body.length, serial],
    fieldsOf(message),
  ]);
  const out = [...head];
  pad(out, 8);
  if (out.length + body.length > MESSAGE_LIMIT) {
    throw new RangeError(`a message of more than ${MESSAGE_LIMIT} bytes`);
  }
  const whole = new Uint8Array(out.length + body.length);
  whole.set(out);
  whole.set(body, out.length);
  return whole;
}

/** How a field stands in a header: its code, its signature, the value. */
function fieldBytes(field: HeaderField, value: readonly number[]): readonly number[] {
  const { code, type } = HEADER_FIELDS[field];
  return [code, 1, type.charCodeAt(0), 0, ...value];
}

/**
 * What stands in the header of every little-endian reply to a message, and in no other message: by this it is found in a
 * stream without reading that.
 */
export function markOfReply(serial: number): readonly number[] {
  return fieldBytes("replySerial", littleEndian(serial, 4));
}

/** What stands in the header of every error; with a name, of those that are called so. */
export function markOfError(name?: string): readonly number[] {
  return fieldBytes("errorName", name === undefined ? [] : [...marshal("s", [name])]);
}
