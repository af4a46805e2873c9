/** A message, and its header as the specification lays it out. Facts: D-Bus Specification 0.43, "Message Format". */
import type { BasicCode } from "./signature.ts";
import type { DbusValue } from "./value.ts";

/** Bits of a header's third byte. */
export const MESSAGE_FLAGS = {
  "no-reply-expected": 1,
  "no-auto-start": 2,
  "allow-interactive-authorization": 4,
} as const;

/** One of these flags. */
export type MessageFlag = keyof typeof MESSAGE_FLAGS;

/** What every message has. */
interface Envelope {
  /** The sender's own number of the message, 1…2³²−1; replies name it. */
  readonly serial: number;
  readonly flags: readonly MessageFlag[];
  /** Bus names: `org.freedesktop.systemd1`, `:1.5`. A bus fills in the sender. */
  readonly destination?: string;
  readonly sender?: string;
  /** Of the body; empty: there is none. */
  readonly signature: string;
  readonly body: readonly DbusValue[];
}

/** One message. */
export type DbusMessage =
  | (Envelope & {
      readonly kind: "call";
      readonly path: string;
      readonly member: string;
      readonly interface?: string;
    })
  | (Envelope & { readonly kind: "return"; readonly replySerial: number })
  | (Envelope & { readonly kind: "error"; readonly replySerial: number; readonly errorName: string })
  | (Envelope & {
      readonly kind: "signal";
      readonly path: string;
      readonly interface: string;
      readonly member: string;
    });

/** The numbers of the kinds in a header's second byte. */
export const MESSAGE_KINDS = { call: 1, return: 2, error: 3, signal: 4 } as const;

/** A field of a header beside the fixed ones. */
export type HeaderField =
  | "path"
  | "interface"
  | "member"
  | "errorName"
  | "replySerial"
  | "destination"
  | "sender"
  | "signature";

/** Their codes and types, in the order in which they are written here. */
export const HEADER_FIELDS: Readonly<Record<HeaderField, { readonly code: number; readonly type: BasicCode }>> = {
  path: { code: 1, type: "o" },
  interface: { code: 2, type: "s" },
  member: { code: 3, type: "s" },
  errorName: { code: 4, type: "s" },
  replySerial: { code: 5, type: "u" },
  destination: { code: 6, type: "s" },
  sender: { code: 7, type: "s" },
  signature: { code: 8, type: "g" },
};

/** The fields that a message of a kind must have. */
export const REQUIRED_FIELDS: Readonly<Record<DbusMessage["kind"], readonly HeaderField[]>> = {
  call: ["path", "member"],
  return: ["replySerial"],
  error: ["replySerial", "errorName"],
  signal: ["path", "interface", "member"],
};

/** The version of the protocol, in a header's fourth byte. */
export const PROTOCOL_VERSION = 1;
/** The most bytes of a message. */
export const MESSAGE_LIMIT = 134_217_728;
/** The bytes of a header before its fields: byte order, kind, flags, version, length of the body, serial, length of the fields. */
export const FIXED_HEADER = 16;
/** The fields of a header, as a type. */
export const FIELDS_SIGNATURE = "a(yv)";
