/** Numbers and texts as bytes, as little-endian machines and UTF-8 lay them out. Facts: RFC 3629. */

/** A little-endian number of so many bytes; a negative one in two's complement. */
export function littleEndian(value: number | bigint, length: number): readonly number[] {
  const word = BigInt.asUintN(8 * length, BigInt(value));
  return Array.from({ length }, (_, index) => Number((word >> BigInt(8 * index)) & 0xffn));
}

/** UTF-8 by hand: the core has no TextEncoder. A lone surrogate becomes the replacement character. */
export function utf8(text: string): readonly number[] {
  return [...text].flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (point < 0x80) {
      return [point];
    }
    const tail = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
    if (point < 0x800) {
      return [0xc0 | (point >> 6), tail(0)];
    }
    if (point < 0x10000) {
      return [0xe0 | (point >> 12), tail(6), tail(0)];
    }
    return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
  });
}
