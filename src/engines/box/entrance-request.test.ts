import { expect, test } from "vitest";
import { ANSWERS, decodeAnswer, encodeRequest, REQUEST } from "./entrance-request.ts";

const ADDRESS = 0x700000;

/** Reads a request as the usher's kernel would: words, and what they point to. */
function reader(bytes: Buffer) {
  const word = (at: number) => Number(bytes.readBigUInt64LE(at));
  const text = (pointer: number) => bytes.toString("utf8", pointer - ADDRESS, bytes.indexOf(0, pointer - ADDRESS));
  const texts = (at: number): string[] => (word(at) === 0 ? [] : [text(word(at)), ...texts(at + 8)]);
  return { word, text, texts };
}

test("a request points to its own texts", () => {
  const environment = { PATH: "/a::/b", EMPTY: "", "ODD NAME%": "ü\n" };
  const identity = { uid: 33, gid: 34, groups: [34, 4_294_967_294] };
  const bytes = encodeRequest({ argv: ["prog", "", "é"], environment, directory: "/srv", identity }, ADDRESS);
  const { word, text, texts } = reader(bytes);
  expect(word(REQUEST.size)).toBe(bytes.length);
  expect(text(word(REQUEST.directory))).toBe("/srv");
  expect(texts(REQUEST.candidates)).toEqual(["/a/prog", "./prog", "/b/prog"]);
  expect(texts(word(REQUEST.argv) - ADDRESS)).toEqual(["prog", "", "é"]);
  expect(texts(word(REQUEST.environment) - ADDRESS)).toEqual(["PATH=/a::/b", "EMPTY=", "ODD NAME%=ü\n"]);
  expect([word(REQUEST.changesUser), word(REQUEST.uid), word(REQUEST.gid), word(REQUEST.groupCount)]).toEqual([
    1, 33, 34, 2,
  ]);
  const groups = word(REQUEST.groups) - ADDRESS;
  expect([bytes.readUInt32LE(groups), bytes.readUInt32LE(groups + 4)]).toEqual([34, 4_294_967_294]);
});

test("a program with a slash is looked for nowhere else; what no program can be given is refused", () => {
  const request = { argv: ["./prog"], environment: {}, directory: "/", identity: undefined };
  const { word, texts } = reader(encodeRequest(request, ADDRESS));
  expect(texts(REQUEST.candidates)).toEqual(["./prog"]);
  expect(word(REQUEST.changesUser)).toBe(0);
  expect(() => encodeRequest({ ...request, argv: ["a", "b\0c"] }, ADDRESS)).toThrow("NUL");
  expect(() => encodeRequest({ ...request, argv: ["a", "x".repeat(5 << 20)] }, ADDRESS)).toThrow("4 MiB");
});

function said(...answers: readonly (readonly [number, bigint])[]): Uint8Array {
  const bytes = Buffer.alloc(16 * answers.length);
  for (const [index, [kind, value]] of answers.entries()) {
    bytes.writeBigUInt64LE(BigInt(kind), 16 * index);
    bytes.writeBigInt64LE(value, 16 * index + 8);
  }
  return bytes;
}

test("answers of a hostile box are an end, a refusal or nothing", () => {
  expect(decodeAnswer(said([ANSWERS.begun, 0n]))).toBeUndefined();
  expect(decodeAnswer(said([ANSWERS.begun, 0n], [ANSWERS.ended, 7n << 8n]))).toEqual({ kind: "ended", status: 0x700 });
  const refused = { kind: "refused", step: "program", errno: 2 };
  expect(decodeAnswer(said([ANSWERS.begun, 0n], [ANSWERS.noProgram, -2n], [ANSWERS.ended, 127n << 8n]))).toEqual(
    refused,
  );
  expect(decodeAnswer(said([ANSWERS.ended, -1n]))).toEqual({ kind: "ended", status: 0xffffffff });
  expect(decodeAnswer(said([99, 0n], [ANSWERS.ended, 0n]))).toBeUndefined();
  expect(decodeAnswer(said([ANSWERS.ended, 0n]).subarray(0, 15))).toBeUndefined();
});
