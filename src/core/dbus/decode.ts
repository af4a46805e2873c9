/** Bytes → messages, of either byte order; whoever sent them may be hostile. */
import {
  type DbusMessage,
  FIELDS_SIGNATURE,
  FIXED_HEADER,
  HEADER_FIELDS,
  type HeaderField,
  MESSAGE_FLAGS,
  MESSAGE_KINDS,
  MESSAGE_LIMIT,
  type MessageFlag,
  PROTOCOL_VERSION,
  REQUIRED_FIELDS,
} from "./message.ts";
import { parseSignature } from "./signature.ts";
import { align, type Cursor, readValue, readValues } from "./unmarshal.ts";
import type { DbusValue, DbusVariant } from "./value.ts";

/** What stands at the beginning of some bytes. */
export type DecodedMessage =
  /** `size`: the bytes of the message; the next one follows. */
  | { readonly kind: "message"; readonly message: DbusMessage; readonly size: number }
  /** The beginning of one; `wanted`: the bytes that must be there before more is known. */
  | { readonly kind: "partial"; readonly wanted: number }
  | { readonly kind: "malformed"; readonly reason: string };

type Fields = Readonly<Partial<Record<HeaderField, DbusValue>>>;

interface Header {
  readonly littleEndian: boolean;
  readonly kind: DbusMessage["kind"];
  readonly flags: readonly MessageFlag[];
  readonly serial: number;
  /** Where the fields end, the body begins, and it ends. */
  readonly fieldsEnd: number;
  readonly bodyAt: number;
  readonly size: number;
}

const KINDS = Object.keys(MESSAGE_KINDS) as readonly DbusMessage["kind"][];
const FIELD_NAMES = Object.keys(HEADER_FIELDS) as readonly HeaderField[];
const FLAG_NAMES = Object.keys(MESSAGE_FLAGS) as readonly MessageFlag[];

function headerOf(bytes: Uint8Array): Header | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = String.fromCharCode(view.getUint8(0));
  if (order !== "l" && order !== "B") {
    return "it has no byte order";
  }
  const littleEndian = order === "l";
  const kind = KINDS.find((name) => MESSAGE_KINDS[name] === view.getUint8(1));
  if (kind === undefined || view.getUint8(3) !== PROTOCOL_VERSION) {
    return kind === undefined ? "its kind is unknown" : "its version is unknown";
  }
  const bits = view.getUint8(2);
  const serial = view.getUint32(8, littleEndian);
  const fieldsEnd = FIXED_HEADER + view.getUint32(12, littleEndian);
  const bodyAt = Math.ceil(fieldsEnd / 8) * 8;
  const size = bodyAt + view.getUint32(4, littleEndian);
  if (serial === 0 || size > MESSAGE_LIMIT) {
    return serial === 0 ? "its serial is 0" : "it is too long";
  }
  const flags = FLAG_NAMES.filter((name) => (bits & MESSAGE_FLAGS[name]) !== 0);
  return { littleEndian, kind, flags, serial, fieldsEnd, bodyAt, size };
}

/** Fields by name; those of a later specification are passed over. */
function fieldsOf(cursor: Cursor): Fields {
  const parsed = parseSignature(FIELDS_SIGNATURE);
  const type = parsed.ok ? parsed.value[0] : undefined;
  const listed = type === undefined ? [] : (readValue(cursor, type) as readonly DbusValue[]);
  const fields: Partial<Record<HeaderField, DbusValue>> = {};
  for (const field of cursor.failure === undefined ? listed : []) {
    const [code, variant] = field as readonly [number, DbusVariant];
    const name = FIELD_NAMES.find((each) => HEADER_FIELDS[each].code === code);
    if (name === undefined) {
      continue;
    }
    if (HEADER_FIELDS[name].type !== variant.signature || fields[name] !== undefined) {
      cursor.failure ??= `its field ${name} has another type or stands twice`;
    }
    fields[name] = variant.value;
  }
  return fields;
}

function contentOf(bytes: Uint8Array, header: Header): DbusMessage | string {
  const { littleEndian, kind, flags, serial, fieldsEnd, bodyAt, size } = header;
  const head: Cursor = { bytes: bytes.subarray(0, bodyAt), littleEndian, at: FIXED_HEADER - 4 };
  const { signature = "", ...fields } = fieldsOf(head);
  align(head, 8);
  if (head.failure !== undefined || head.at !== bodyAt || fieldsEnd > bodyAt) {
    return head.failure ?? "its fields do not end where they should";
  }
  const missing = REQUIRED_FIELDS[kind].find((name) => fields[name as keyof typeof fields] === undefined);
  if (missing !== undefined) {
    return `a ${kind} without its ${missing}`;
  }
  const body: Cursor = { bytes: bytes.subarray(bodyAt, size), littleEndian, at: 0 };
  const values = readValues(body, signature as string);
  if (body.failure !== undefined) {
    return body.failure;
  }
  // Types were compared with HEADER_FIELDS, and what a kind must have was found.
  return { ...fields, kind, serial, flags, signature, body: values } as DbusMessage;
}

/**
 * Reads the message at the beginning of some bytes. Flags and fields that this does not know are passed over.
 *
 * @example
 * import { decodeMessage, encodeMessage } from "cloison";
 * import assert from "node:assert";
 * const call = { kind: "call", serial: 7, flags: [], path: "/a", member: "B", signature: "s", body: ["x"] };
 * const bytes = encodeMessage(call);
 * assert.deepEqual(decodeMessage(bytes), { kind: "message", message: call, size: bytes.length });
 * assert.deepEqual(decodeMessage(bytes.slice(0, 20)), { kind: "partial", wanted: bytes.length });
 */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  if (bytes.length < FIXED_HEADER) {
    return { kind: "partial", wanted: FIXED_HEADER };
  }
  const header = headerOf(bytes);
  if (typeof header === "string") {
    return { kind: "malformed", reason: header };
  }
  if (bytes.length < header.size) {
    return { kind: "partial", wanted: header.size };
  }
  const message = contentOf(bytes, header);
  return typeof message === "string"
    ? { kind: "malformed", reason: message }
    : { kind: "message", message, size: header.size };
}
