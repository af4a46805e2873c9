/** A client of FastCGI (the protocol's specification 1.0, §3 and §5): one request per connection, over a unix socket. */
import { readdirSync } from "node:fs";
import { connect } from "node:net";

const BEGIN = 1;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;

/** Debian's name of the service, which has PHP's version in it: `php8.4-fpm`. */
export const fpm = `php${readdirSync("/etc/php")[0]}-fpm`;

/** Runs a script; resolves to `{status, headers, body}`. */
export function run(script, { query = "", method = "GET", type = "", cookie = "", body = Buffer.alloc(0) } = {}) {
  const parameters = {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    REQUEST_METHOD: method,
    SCRIPT_FILENAME: script,
    SCRIPT_NAME: script,
    QUERY_STRING: query,
    CONTENT_TYPE: type,
    CONTENT_LENGTH: String(body.length),
    HTTP_COOKIE: cookie,
  };
  return new Promise((resolve, reject) => {
    const socket = connect(`/run/php/${fpm}.sock`);
    const chunks = [];
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer within 10 s")));
    socket.on("error", reject);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => {
      try {
        resolve(answer(Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
    socket.write(record(BEGIN, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])));
    socket.write(stream(PARAMS, pairs(parameters)));
    socket.write(stream(STDIN, body));
  });
}

/** A record: version, type, request id, length, padding, reserved, then the content. */
function record(type, content) {
  return Buffer.concat([Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]), content]);
}

/** Content of any length in records of at most 32 KiB, closed by an empty one. */
function stream(type, content) {
  const records = [];
  for (let at = 0; at < content.length; at += 0x8000) {
    records.push(record(type, content.subarray(at, at + 0x8000)));
  }
  return Buffer.concat([...records, record(type, Buffer.alloc(0))]);
}

function pairs(values) {
  const size = (length) =>
    length < 128 ? [length] : [(length >>> 24) | 128, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  const parts = Object.entries(values).map(([key, value]) => {
    const [name, content] = [Buffer.from(key), Buffer.from(value)];
    return Buffer.concat([Buffer.from([...size(name.length), ...size(content.length)]), name, content]);
  });
  return Buffer.concat(parts);
}

function answer(bytes) {
  const output = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 4);
    if (bytes[at + 1] === STDOUT) {
      output.push(bytes.subarray(at + 8, at + 8 + length));
    }
    at += 8 + length + bytes[at + 6];
  }
  const text = Buffer.concat(output).toString();
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) {
    throw new Error("the answer has no headers");
  }
  const headers = Object.fromEntries(
    text
      .slice(0, end)
      .split("\r\n")
      .map((line) => line.toLowerCase().split(": ", 2)),
  );
  return { status: Number((headers.status ?? "200").split(" ")[0]), headers, body: text.slice(end + 4) };
}
