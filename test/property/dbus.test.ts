/** D-Bus: values and messages of every shape come back as they went, and no bytes hang or throw. Tests src/core/dbus. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage } from "../../src/core/dbus/decode.ts";
import { encodeMessage } from "../../src/core/dbus/encode.ts";
import { marshal } from "../../src/core/dbus/marshal.ts";
import type { DbusMessage, MessageFlag } from "../../src/core/dbus/message.ts";
import { parseSignature } from "../../src/core/dbus/signature.ts";
import { unmarshal } from "../../src/core/dbus/unmarshal.ts";
import type { DbusValue } from "../../src/core/dbus/value.ts";

/** A signature of one type, with a way to make its values. */
interface Kind {
  readonly signature: string;
  readonly values: fc.Arbitrary<DbusValue>;
}

const text = fc.string({ unit: "grapheme" }).filter((each) => !each.includes("\0"));
const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const path = fc.array(word, { maxLength: 4 }).map((words) => `/${words.join("/")}`);
const BASIC: readonly Kind[] = [
  { signature: "y", values: fc.integer({ min: 0, max: 255 }) },
  { signature: "b", values: fc.boolean() },
  { signature: "n", values: fc.integer({ min: -32768, max: 32767 }) },
  { signature: "q", values: fc.integer({ min: 0, max: 65535 }) },
  { signature: "i", values: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
  { signature: "u", values: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
  { signature: "x", values: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }) },
  { signature: "t", values: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) },
  { signature: "d", values: fc.double() },
  { signature: "s", values: text },
  { signature: "o", values: path },
  { signature: "g", values: fc.constantFrom("", "s", "a{sv}", "(ii)") },
];

const basic = fc.constantFrom(...BASIC);
const kind: fc.Arbitrary<Kind> = fc.letrec<{ readonly kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    basic,
    tie("kind").map(
      ({ signature, values }): Kind => ({
        signature: `a${signature}`,
        values: fc.array(values, { maxLength: 3 }),
      }),
    ),
    fc.array(tie("kind"), { minLength: 1, maxLength: 3 }).map(
      (fields): Kind => ({
        signature: `(${fields.map(({ signature }) => signature).join("")})`,
        values: fc.tuple(...fields.map(({ values }) => values)),
      }),
    ),
    fc.tuple(basic, tie("kind")).map(
      ([key, value]): Kind => ({
        signature: `a{${key.signature}${value.signature}}`,
        values: fc.array(fc.tuple(key.values, value.values), { maxLength: 3 }),
      }),
    ),
    tie("kind").map(
      ({ signature, values }): Kind => ({ signature: "v", values: values.map((value) => ({ signature, value })) }),
    ),
  ),
})).kind;

const content = fc.array(kind, { maxLength: 4 }).chain((kinds) =>
  fc.record({
    signature: fc.constant(kinds.map(({ signature }) => signature).join("")),
    body: fc.tuple(...kinds.map(({ values }) => values)) as fc.Arbitrary<readonly DbusValue[]>,
  }),
);

const name = fc.array(word, { minLength: 2, maxLength: 3 }).map((words) => words.join("."));
const serial = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const flags = fc.subarray<MessageFlag>(["no-reply-expected", "no-auto-start", "allow-interactive-authorization"]);
const common = { serial, flags, destination: name, sender: name };
const envelope: fc.Arbitrary<Partial<DbusMessage>> = fc.oneof(
  fc.record(
    { ...common, kind: fc.constant("call" as const), path, member: word, interface: name },
    { requiredKeys: ["kind", "serial", "flags", "path", "member"] },
  ),
  fc.record(
    { ...common, kind: fc.constant("return" as const), replySerial: serial },
    { requiredKeys: ["kind", "serial", "flags", "replySerial"] },
  ),
  fc.record(
    { ...common, kind: fc.constant("error" as const), replySerial: serial, errorName: name },
    { requiredKeys: ["kind", "serial", "flags", "replySerial", "errorName"] },
  ),
  fc.record(
    { ...common, kind: fc.constant("signal" as const), path, interface: name, member: word },
    { requiredKeys: ["kind", "serial", "flags", "path", "interface", "member"] },
  ),
);
const message = fc
  .tuple(envelope, content)
  .filter(([, { signature }]) => signature.length <= 255)
  .map(([head, body]) => ({ ...head, ...body }) as DbusMessage);

test("values come back as they went", () => {
  fc.assert(
    fc.property(content, ({ signature, body }) => {
      fc.pre(signature.length <= 255);
      expect(unmarshal(signature, marshal(signature, body))).toMatchObject({ ok: true, value: body });
    }),
    { numRuns: 1000 },
  );
});

test("messages come back as they went, whatever follows", () => {
  fc.assert(
    fc.property(message, fc.uint8Array({ maxLength: 20 }), (sent, rest) => {
      const bytes = encodeMessage(sent);
      const read = decodeMessage(Uint8Array.from([...bytes, ...rest]));
      expect(read).toEqual({ kind: "message", message: sent, size: bytes.length });
    }),
    { numRuns: 500 },
  );
});

test("no bytes hang or throw: spoiled messages, and any", () => {
  const spoiled = fc
    .tuple(message, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
    .map(([sent, changes]) => {
      const bytes = encodeMessage(sent);
      for (const [at, byte] of changes) {
        bytes[at % bytes.length] = byte;
      }
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const read = decodeMessage(bytes);
      expect(["message", "partial", "malformed"]).toContain(read.kind);
      // What is read as a message can be written again, and is the same message.
      if (read.kind === "message") {
        expect(decodeMessage(encodeMessage(read.message))).toMatchObject({ kind: "message", message: read.message });
      }
    }),
    { numRuns: 2000 },
  );
});

test("parseSignature answers to any text", () => {
  const letters = fc.string({ unit: fc.constantFrom(..."ybnqiuxtdsogva(){}h"), maxLength: 80 });
  fc.assert(
    fc.property(fc.oneof(letters, fc.string()), (signature) => {
      const read = parseSignature(signature);
      expect(read.ok || read.diagnostics.length > 0).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
