/** A client of the Redis protocol (RESP 2), enough for the samples: one request, one reply, in order. */
import { connect } from "node:net";

/** Connects and returns `{ask, close}`; `ask("SET", "a", "b")` resolves to the reply, or rejects with the server's error. */
export function open(port = 6379, host = "127.0.0.1") {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host });
    let received = Buffer.alloc(0);
    const waiting = [];
    const fail = (error) => {
      reject(error);
      for (const each of waiting.splice(0)) {
        each.reject(error);
      }
    };
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer within 10 s")));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("connection closed")));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let reply = parse(received, 0); reply !== undefined && waiting.length > 0; reply = parse(received, 0)) {
        received = received.subarray(reply.next);
        const { resolve: done, reject: refuse } = waiting.shift();
        reply.error === undefined ? done(reply.value) : refuse(new Error(reply.error));
      }
    });
    socket.on("connect", () => resolve({ ask: (...words) => ask(socket, waiting, words), close: () => socket.end() }));
  });
}

function ask(socket, waiting, words) {
  const parts = words.map((word) => Buffer.from(String(word)));
  const body = parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from("\r\n")]);
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    socket.write(Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...body]));
  });
}

/** One reply at `at`, or undefined if it is not complete yet. */
function parse(bytes, at) {
  const end = bytes.indexOf("\r\n", at);
  if (end < 0) {
    return undefined;
  }
  const line = bytes.toString("utf8", at + 1, end);
  switch (String.fromCharCode(bytes[at])) {
    case "+":
      return { value: line, next: end + 2 };
    case "-":
      return { error: line, next: end + 2 };
    case ":":
      return { value: Number(line), next: end + 2 };
    case "$":
      return parseBulk(bytes, end + 2, Number(line));
    default:
      return parseArray(bytes, end + 2, Number(line));
  }
}

function parseBulk(bytes, at, length) {
  if (length < 0) {
    return { value: null, next: at };
  }
  return bytes.length < at + length + 2
    ? undefined
    : { value: bytes.toString("utf8", at, at + length), next: at + length + 2 };
}

function parseArray(bytes, at, count) {
  const value = [];
  let next = at;
  for (let index = 0; index < count; index += 1) {
    const item = parse(bytes, next);
    if (item === undefined) {
      return undefined;
    }
    value.push(item.value);
    next = item.next;
  }
  return { value, next };
}
