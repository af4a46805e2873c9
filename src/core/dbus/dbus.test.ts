/** Messages and values against the specification's own examples, and against what a hostile peer may send. Tests src/core/dbus. */
import { describe, expect, test } from "vitest";
import { decodeMessage } from "./decode.ts";
import { encodeMessage, markOfError, markOfReply } from "./encode.ts";
import { BEGIN, GREETING_ANSWERS, greeting } from "./handshake.ts";
import { marshal } from "./marshal.ts";
import type { DbusMessage } from "./message.ts";
import { parseSignature } from "./signature.ts";
import { unmarshal } from "./unmarshal.ts";
import type { DbusValue } from "./value.ts";

const latin = (bytes: Iterable<number>): string => String.fromCharCode(...bytes);

describe("parseSignature", () => {
  test.each(["", "y", "aas", "a{sv}", "(ii)", "a(sa{ov})", "v", "ssa(sv)a(sa(sv))", `${"a".repeat(32)}y`])(
    "%j is one",
    (text) => {
      expect(parseSignature(text)).toMatchObject({ ok: true });
    },
  );

  test.each([
    "a",
    "(",
    "()",
    "(i",
    "i)",
    "{sv}",
    "a{sv",
    "a{vs}",
    "a{s}",
    "a{svv}",
    "a{(i)s}",
    "h",
    "z",
    `${"a".repeat(33)}y`,
    "y".repeat(256),
  ])("%j is none", (text) => {
    expect(parseSignature(text)).toMatchObject({ ok: false, diagnostics: [{ code: "dbus-signature" }] });
  });
});

describe("marshal", () => {
  test.each<[string, readonly DbusValue[], readonly number[]]>([
    // The specification's "Marshalling basic types".
    [
      "sss",
      ["foo", "+", "bar"],
      [3, 0, 0, 0, 0x66, 0x6f, 0x6f, 0, 1, 0, 0, 0, 0x2b, 0, 0, 0, 3, 0, 0, 0, 0x62, 0x61, 0x72, 0],
    ],
    // The specification's array of one 64-bit number: padding behind the length is not counted.
    ["ax", [[5n]], [8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]],
    ["at", [[]], [0, 0, 0, 0, 0, 0, 0, 0]],
    ["v", [{ signature: "u", value: 7 }], [1, 0x75, 0, 0, 7, 0, 0, 0]],
    ["yb", [1, true], [1, 0, 0, 0, 1, 0, 0, 0]],
    ["n", [-2], [0xfe, 0xff]],
    ["g", ["as"], [2, 0x61, 0x73, 0]],
    ["y(y)", [1, [2]], [1, 0, 0, 0, 0, 0, 0, 0, 2]],
    ["a{yy}", [[[1, 2]]], [2, 0, 0, 0, 0, 0, 0, 0, 1, 2]],
    ["d", [1], [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
    ["s", ["ä"], [2, 0, 0, 0, 0xc3, 0xa4, 0]],
  ])("%s %o", (signature, values, bytes) => {
    expect([...marshal(signature, values)]).toEqual(bytes);
    expect(unmarshal(signature, Uint8Array.from(bytes))).toMatchObject({ ok: true, value: values });
  });

  test.each<[string, readonly DbusValue[]]>([
    ["y", [256]],
    ["y", [-1]],
    ["n", [32768]],
    ["u", [1.5]],
    ["t", [1]],
    ["u", [1n]],
    ["x", [1n << 63n]],
    ["b", [1]],
    ["s", ["a\0b"]],
    ["s", ["\ud800"]],
    ["o", ["a/b"]],
    ["o", ["/a/"]],
    ["g", ["a"]],
    ["v", ["s"]],
    ["v", [{ signature: "ss", value: "x" }]],
    ["(ss)", [["x"]]],
    ["ss", ["x"]],
    ["as", ["x"]],
    ["q", [true]],
  ])("%s does not take %o", (signature, values) => {
    expect(() => marshal(signature, values)).toThrow(RangeError);
  });
});

describe("unmarshal", () => {
  test.each<[string, readonly number[], RegExp]>([
    ["u", [1, 0, 0], /middle of a value/],
    ["yu", [1, 9, 0, 0, 1, 0, 0, 0], /padding/],
    ["b", [2, 0, 0, 0], /boolean/],
    ["s", [1, 0, 0, 0, 0x61, 0x62], /NUL/],
    ["s", [1, 0, 0, 0, 0xff, 0], /UTF-8/],
    ["s", [0xff, 0xff, 0xff, 0xff, 0], /middle of a value/],
    ["o", [1, 0, 0, 0, 0x61, 0], /object path/],
    ["au", [6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0], /middle of an element/],
    ["ay", [0xff, 0xff, 0xff, 0xff], /longer than the bytes/],
    ["v", [2, 0x79, 0x79, 0, 1], /exactly one type/],
    ["y", [1, 2], /behind the last value/],
    ["a", [], /no signature/],
  ])("%s of %j is refused", (signature, bytes, why) => {
    const read = unmarshal(signature, Uint8Array.from(bytes));
    expect(read).toMatchObject({ ok: false, diagnostics: [{ code: "dbus-values" }] });
    expect(read.diagnostics[0]?.message).toMatch(why);
  });

  test("variants that stand in each other without end are refused, not followed", () => {
    const deep = Uint8Array.from(Array.from({ length: 3000 }, () => [1, 0x76, 0]).flat());
    expect(unmarshal("v", deep).diagnostics[0]?.message).toMatch(/nested deeper/);
  });
});

const call: DbusMessage = {
  kind: "call",
  serial: 0x01020304,
  flags: ["no-auto-start"],
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "Hello",
  destination: "org.freedesktop.DBus",
  signature: "",
  body: [],
};

describe("messages", () => {
  test("a call stands byte by byte as the specification draws it", () => {
    const bytes = encodeMessage({ ...call, path: "/a", interface: "b.c", member: "D", destination: "e.f" });
    expect([...bytes]).toEqual([
      ...[0x6c, 1, 2, 1, 0, 0, 0, 0, 4, 3, 2, 1], // little-endian, a call, flags, version; no body; serial
      ...[60, 0, 0, 0], // length of the fields
      ...[1, 1, 0x6f, 0, 2, 0, 0, 0, 0x2f, 0x61, 0, 0, 0, 0, 0, 0], // path, an o
      ...[2, 1, 0x73, 0, 3, 0, 0, 0, 0x62, 0x2e, 0x63, 0, 0, 0, 0, 0], // interface, an s
      ...[3, 1, 0x73, 0, 1, 0, 0, 0, 0x44, 0, 0, 0, 0, 0, 0, 0], // member
      ...[6, 1, 0x73, 0, 3, 0, 0, 0, 0x65, 0x2e, 0x66, 0, 0, 0, 0, 0], // destination, padded to the body
    ]);
  });

  test("what is cut off is partial, at every length", () => {
    const bytes = encodeMessage({ ...call, signature: "s", body: ["text"] });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeMessage(bytes.subarray(0, length)).kind).toBe("partial");
    }
    const twice = Uint8Array.from([...bytes, ...bytes]);
    expect(decodeMessage(twice)).toMatchObject({ kind: "message", size: bytes.length });
  });

  test("a big-endian reply is read", () => {
    const bytes = Uint8Array.from([
      ...[0x42, 2, 1, 1, 0, 0, 0, 4, 0, 0, 0, 9, 0, 0, 0, 15],
      ...[5, 1, 0x75, 0, 0, 0, 0, 7, 8, 1, 0x67, 0, 1, 0x75, 0, 0],
      ...[0, 0, 1, 0],
    ]);
    const message = {
      kind: "return",
      serial: 9,
      flags: ["no-reply-expected"],
      replySerial: 7,
      signature: "u",
      body: [256],
    };
    expect(decodeMessage(bytes)).toEqual({ kind: "message", message, size: bytes.length });
  });

  test.each<[string, (bytes: Uint8Array) => void, RegExp]>([
    ["an unknown byte order", (bytes) => bytes.set([0x78], 0), /byte order/],
    ["an unknown kind", (bytes) => bytes.set([9], 1), /kind/],
    ["another version", (bytes) => bytes.set([2], 3), /version/],
    ["serial 0", (bytes) => bytes.set([0, 0, 0, 0], 8), /serial/],
    ["a body without end", (bytes) => bytes.set([0xff, 0xff, 0xff, 0xff], 4), /too long/],
    ["a path of another type", (bytes) => bytes.set([0x73], 18), /another type/],
    ["a signal without its interface", (bytes) => bytes.set([4, ...bytes.slice(2, 16), 99], 1), /without its path/],
  ])("%s is malformed", (_, spoil, why) => {
    const bytes = encodeMessage(call);
    spoil(bytes);
    const read = decodeMessage(bytes);
    expect(read.kind).toBe("malformed");
    expect(read.kind === "malformed" && read.reason).toMatch(why);
  });

  test("fields of a later specification are passed over", () => {
    const bytes = encodeMessage({ ...call, sender: ":1.1" });
    const at = latin(bytes).indexOf("\u0007\u0001s\0");
    bytes.set([200], at);
    expect(decodeMessage(bytes)).toEqual({ kind: "message", message: call, size: bytes.length });
  });
});

describe("marks in a stream", () => {
  const replies: readonly DbusMessage[] = [
    { kind: "return", serial: 5, flags: [], replySerial: 7, signature: "s", body: ["x"] },
    { kind: "error", serial: 6, flags: [], replySerial: 8, errorName: "a.B", signature: "", body: [] },
  ];
  const [returned = "", failed = ""] = replies.map((reply) => latin(encodeMessage(reply)));

  test("a reply is found by the serial of what it answers", () => {
    expect(returned).toContain(latin(markOfReply(7)));
    expect(returned).not.toContain(latin(markOfReply(8)));
    expect(failed).toContain(latin(markOfReply(8)));
  });

  test("an error is told from a return, and by its whole name", () => {
    expect(returned).not.toContain(latin(markOfError()));
    expect(failed).toContain(latin(markOfError()));
    expect(failed).toContain(latin(markOfError("a.B")));
    expect(failed).not.toContain(latin(markOfError("a.")));
  });
});

test("greeting says the user id in hexadecimal digits of its decimal ones", () => {
  expect(latin(greeting(0))).toBe("\0AUTH EXTERNAL 30\r\n");
  expect(latin(greeting(1000))).toBe("\0AUTH EXTERNAL 31303030\r\n");
  expect(latin(greeting())).toBe("\0AUTH EXTERNAL\r\nDATA\r\n");
  expect(latin(BEGIN)).toBe("BEGIN\r\n");
  expect(GREETING_ANSWERS.map(latin)).toEqual(["OK ", "REJECTED", "ERROR"]);
});
