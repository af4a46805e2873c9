/**
 * Messages as a real bus and a real client understand them: what core/dbus writes is read by busctl's monitor, what busctl writes
 * is read by core/dbus, over a bus of dbus-daemon's. Tests src/core/dbus.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeMessage } from "../../src/core/dbus/decode.ts";
import { encodeMessage } from "../../src/core/dbus/encode.ts";
import { BEGIN, GREETING_ANSWERS, greeting } from "../../src/core/dbus/handshake.ts";
import type { DbusMessage } from "../../src/core/dbus/message.ts";
import type { DbusValue } from "../../src/core/dbus/value.ts";

interface Connection {
  readonly send: (bytes: Iterable<number>) => void;
  /** The first bytes that were not yet taken. */
  readonly line: () => Promise<string>;
  readonly message: () => Promise<DbusMessage>;
  readonly end: () => void;
}

const started: ChildProcess[] = [];
let folder = "";
let address = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloison-dbus-"));
  address = join(folder, "bus");
  const daemon = spawn(
    "dbus-daemon",
    ["--session", "--nofork", "--nopidfile", `--address=unix:path=${address}`, "--print-address=1"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  started.push(daemon);
  await new Promise((resolve) => daemon.stdout.once("data", resolve));
});
afterAll(() => {
  for (const process of started) {
    process.kill();
  }
  rmSync(folder, { recursive: true });
});

function connection(): Connection {
  const socket: Socket = connect(address);
  let come = Buffer.alloc(0);
  let wake = (): void => undefined;
  socket.on("data", (chunk) => {
    come = Buffer.concat([come, chunk]);
    wake();
  });
  const until = async <T>(look: () => T | undefined): Promise<T> => {
    for (let found = look(); ; found = look()) {
      if (found !== undefined) {
        return found;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const taken = (size: number): Buffer => {
    const head = come.subarray(0, size);
    come = come.subarray(size);
    return head;
  };
  return {
    send: (bytes) => socket.write(Uint8Array.from(bytes)),
    line: () => until(() => (come.includes("\r\n") ? taken(come.indexOf("\r\n") + 2).toString("latin1") : undefined)),
    message: () =>
      until(() => {
        const read = decodeMessage(come);
        if (read.kind === "malformed") {
          throw new Error(read.reason);
        }
        if (read.kind === "partial") {
          return undefined;
        }
        taken(read.size);
        return read.message;
      }),
    end: () => socket.destroy(),
  };
}

const BUS = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };

function hello(serial: number): DbusMessage {
  return { kind: "call", serial, flags: [], ...BUS, member: "Hello", signature: "", body: [] };
}

/** A connection that the bus has accepted, and its name there. */
async function joined(words: readonly number[]): Promise<{ readonly bus: Connection; readonly name: string }> {
  const bus = connection();
  bus.send(words);
  let answer = await bus.line();
  if (answer === "DATA\r\n") {
    answer = await bus.line();
  }
  expect(answer.startsWith(String.fromCharCode(...(GREETING_ANSWERS[0] ?? [])))).toBe(true);
  bus.send([...BEGIN, ...encodeMessage(hello(1))]);
  const welcome = await bus.message();
  expect(welcome).toMatchObject({ kind: "return", replySerial: 1, signature: "s", sender: "org.freedesktop.DBus" });
  expect(await bus.message()).toMatchObject({ kind: "signal", member: "NameAcquired", body: welcome.body });
  return { bus, name: String(welcome.body[0]) };
}

/** Values, and the words in which busctl(1) takes them. */
const SPOKEN: readonly {
  readonly signature: string;
  readonly body: readonly DbusValue[];
  readonly words: readonly string[];
}[] = [
  {
    signature: "ybnqiuxtd",
    body: [200, true, -3, 65535, -70000, 4000000000, -5n, 1n << 63n, 0.25],
    words: ["200", "true", "-3", "65535", "-70000", "4000000000", "-5", "9223372036854775808", "0.25"],
  },
  { signature: "sog", body: ["Grüße 🌍", "/a/b_1", "a{sv}"], words: ["Grüße 🌍", "/a/b_1", "a{sv}"] },
  { signature: "asay", body: [["one", "", "three"], []], words: ["3", "one", "", "three", "0"] },
  {
    signature: "(yx)a(sb)",
    body: [
      [1, 2n],
      [
        ["x", false],
        ["yy", true],
      ],
    ],
    words: ["1", "2", "2", "x", "false", "yy", "true"],
  },
  {
    signature: "a{sv}v",
    body: [
      [
        ["k", { signature: "t", value: 1n }],
        ["l", { signature: "as", value: ["z"] }],
      ],
      { signature: "(i)", value: [-1] },
    ],
    words: ["2", "k", "t", "1", "l", "as", "1", "z", "(i)", "-1"],
  },
  {
    signature: "ssa(sv)a(sa(sv))",
    body: ["a.service", "fail", [["Description", { signature: "s", value: "d" }]], [["b.service", []]]],
    words: ["a.service", "fail", "1", "Description", "s", "d", "1", "b.service", "0"],
  },
];

describe("a bus of dbus-daemon's", () => {
  test("takes both greetings, and refuses another's name", async () => {
    for (const words of [greeting(process.getuid?.()), greeting()]) {
      const { bus, name } = await joined(words);
      expect(name).toMatch(/^:\d+\.\d+$/);
      bus.end();
    }
    const liar = connection();
    liar.send(greeting(12345));
    expect(await liar.line()).toMatch(/^REJECTED/);
    liar.end();
  });

  test("answers a call, and an error to one that it does not know", async () => {
    const { bus, name } = await joined(greeting());
    const owner: DbusMessage = { ...hello(2), member: "GetNameOwner", signature: "s", body: [name] } as DbusMessage;
    bus.send(encodeMessage(owner));
    expect(await bus.message()).toMatchObject({ kind: "return", replySerial: 2, signature: "s", body: [name] });
    bus.send(encodeMessage({ ...owner, serial: 3, body: ["nobody.here"] }));
    const refusal = { kind: "error", replySerial: 3, errorName: "org.freedesktop.DBus.Error.NameHasNoOwner" };
    expect(await bus.message()).toMatchObject(refusal);
    bus.end();
  });

  test.each(SPOKEN)("busctl's $signature is read as it was meant", async ({ signature, body, words }) => {
    const { bus, name } = await joined(greeting());
    const command = ["--expect-reply=false", "call", name, "/x", "a.b", "Tell", signature, "--", ...words];
    const caller = spawn("busctl", [`--address=unix:path=${address}`, ...command], { stdio: "inherit" });
    const ended = new Promise((resolve) => caller.once("exit", resolve));
    expect(await bus.message()).toMatchObject({
      kind: "call",
      path: "/x",
      interface: "a.b",
      member: "Tell",
      signature,
      body,
    });
    expect(await ended).toBe(0);
    bus.end();
  });

  test("busctl reads what is written here as it was meant", async () => {
    const { bus, name } = await joined(greeting());
    const { bus: other, name: receiver } = await joined(greeting());
    const monitor = spawn(
      "busctl",
      [`--address=unix:path=${address}`, "--json=short", `--match=sender='${name}'`, "monitor"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    started.push(monitor);
    const lines = createInterface({ input: monitor.stdout });
    const seen: {
      readonly type: string;
      readonly member?: string;
      readonly payload?: { readonly type: string; readonly data: unknown };
    }[] = [];
    lines.on("line", (line) => seen.push(JSON.parse(line)));
    const tell = (serial: number, signature: string, body: readonly DbusValue[]): void => {
      const flags = ["no-reply-expected"] as const;
      const to = { destination: receiver, path: "/x", interface: "a.b" };
      bus.send(encodeMessage({ kind: "call", serial, flags, ...to, member: "Tell", signature, body }));
    };
    // A monitor says nothing of when it begins: the first words are repeated until they are heard.
    let serial = 10;
    await expect
      .poll(() => {
        serial += 1;
        tell(serial, "s", ["begin"]);
        return seen.length;
      })
      .toBeGreaterThan(0);
    for (const { signature, body } of SPOKEN) {
      serial += 1;
      tell(serial, signature, body);
    }
    const told = () => seen.flatMap(({ payload }) => (payload?.type === "s" ? [] : [payload]));
    await expect.poll(() => told().length).toBe(SPOKEN.length);
    expect(told()).toEqual(SPOKEN.map(({ signature, body }) => ({ type: signature, data: inJson(signature, body) })));
    for (const end of [bus, other]) {
      end.end();
    }
  });
});

/** The values of a message as busctl writes them in JSON: variants with `type` and `data`, dictionaries as objects. */
function inJson(signature: string, body: readonly DbusValue[]): unknown {
  const plain = (value: DbusValue): unknown => {
    if (typeof value === "bigint") {
      return Number(value);
    }
    if (Array.isArray(value)) {
      return value.map(plain);
    }
    if (typeof value === "object" && "signature" in value) {
      return { type: value.signature, data: plain(value.value) };
    }
    return value;
  };
  const [first, ...rest] = body.map(plain);
  return signature.startsWith("a{") ? [Object.fromEntries(first as [string, unknown][]), ...rest] : [first, ...rest];
}
