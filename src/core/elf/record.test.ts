import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8 } from "../kernel/bytes.ts";
import { decodeRecords } from "./record.ts";

const step = (index: number, value: number): number[] => [
  ...[0x43, 0x4c, 0x53, 0x4e, 2, 0, index, 0],
  ...new Uint8Array(new BigInt64Array([BigInt(value)]).buffer),
];

test("records stand between whatever else was written, and one that is cut off is no record", () => {
  const noise = [...Buffer.from("CLS hello CLSN")];
  const bytes = Uint8Array.from([...noise, ...step(0, 3), 10, ...step(1, -13), ...step(2, 0).slice(0, 15)]);
  expect(decodeRecords(bytes)).toEqual([
    { kind: "step", index: 0, value: 3n },
    { kind: "step", index: 1, value: -13n },
  ]);
});

test("a record of an unknown kind is none", () => {
  const bytes = Uint8Array.from(step(0, 0));
  bytes[4] = 9;
  expect(decodeRecords(bytes)).toEqual([]);
});

test("a view into a larger buffer is read from its own start", () => {
  const bytes = Uint8Array.from([1, 2, 3, ...step(5, 7)]);
  expect(decodeRecords(bytes.subarray(3))).toEqual([{ kind: "step", index: 5, value: 7n }]);
});

test("utf8 agrees with the platform's encoder", () => {
  const texts = ["", "abc", "é", "€", "😀", "\ud800x", "/tmp/ä\u0000b"];
  for (const text of texts) {
    expect(utf8(text)).toEqual([...new TextEncoder().encode(text)]);
  }
});

test("whatever bytes come, what is read are the records that were put in, and nothing of theirs is lost", () => {
  const noise = fc.uint8Array({ maxLength: 24 }).filter((bytes) => !bytes.includes(0x43));
  const put = fc.tuple(fc.nat(65_535), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, put)), noise, (pieces, end) => {
      const bytes = pieces.flatMap(([before, [index, value]]) => {
        const head = [0x43, 0x4c, 0x53, 0x4e, 2, 0, index & 0xff, index >> 8];
        return [...before, ...head, ...new Uint8Array(new BigInt64Array([value]).buffer)];
      });
      const expected = pieces.map(([, [index, value]]) => ({ kind: "step", index, value }));
      expect(decodeRecords(Uint8Array.from([...bytes, ...end]))).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(decodeRecords(bytes).length).toBeLessThanOrEqual(bytes.length / 16);
    }),
    { numRuns: 9000 },
  );
});
