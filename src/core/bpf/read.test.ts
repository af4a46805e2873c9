import { expect, test } from "vitest";
import { encode } from "./instruction.ts";
import { readFilter } from "./read.ts";

const program = [
  { code: 0x20, jt: 0, jf: 0, k: 4 },
  { code: 0x15, jt: 0, jf: 1, k: 0x80000016 },
  { code: 0x06, jt: 0, jf: 0, k: 0x7fff0000 },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
];

test.each([true, false])("readFilter sees the byte order from the operations (little-endian: %s)", (littleEndian) => {
  expect(readFilter(encode(program, littleEndian))).toEqual({
    ok: true,
    value: { program, littleEndian },
    diagnostics: [],
  });
});

test("readFilter takes the order that it is told, and refuses half an instruction", () => {
  const bytes = encode(program, true);
  const told = readFilter(bytes, false);
  expect(told.ok && told.value.program[0]?.code).toBe(0x2000);
  expect(readFilter(bytes.subarray(0, 12)).diagnostics.map(({ code }) => code)).toEqual(["bpf-length"]);
});

test("readFilter refuses what is longer than any filter can be", () => {
  expect(readFilter(new Uint8Array(65535 * 8)).ok).toBe(true);
  const { ok, diagnostics } = readFilter(new Uint8Array(65536 * 8));
  expect([ok, diagnostics.map(({ code }) => code)]).toEqual([false, ["bpf-length"]]);
});
