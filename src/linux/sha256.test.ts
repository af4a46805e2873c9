import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

test("sha256: the example of FIPS 180-4, as text and as bytes", () => {
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(sha256("abc")).toBe(expected);
  expect(sha256(new Uint8Array([0x61, 0x62, 0x63]))).toBe(expected);
});
