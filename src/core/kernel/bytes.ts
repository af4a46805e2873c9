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

/** How a sequence begins: the bits that say its length, how many bytes follow, and the least character that needs so many. */
const SEQUENCES = [
  { mask: 0x80, lead: 0x00, tail: 0, least: 0 },
  { mask: 0xe0, lead: 0xc0, tail: 1, least: 0x80 },
  { mask: 0xf0, lead: 0xe0, tail: 2, least: 0x800 },
  { mask: 0xf8, lead: 0xf0, tail: 3, least: 0x10000 },
] as const;

function characterAt(bytes: Uint8Array, at: number): { readonly code: number; readonly next: number } | undefined {
  const first = bytes[at] ?? 0;
  const sequence = SEQUENCES.find(({ mask, lead }) => (first & mask) === lead);
  if (sequence === undefined) {
    return undefined;
  }
  const next = at + 1 + sequence.tail;
  let code = first & ~sequence.mask;
  for (let place = at + 1; place < next; place += 1) {
    const byte = bytes[place] ?? 0;
    if ((byte & 0xc0) !== 0x80) {
      return undefined;
    }
    code = (code << 6) | (byte & 0x3f);
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < sequence.least || code > 0x10ffff || surrogate ? undefined : { code, next };
}

/** The text of UTF-8; undefined where the bytes are none: overlong forms, surrogates, sequences cut off. */
export function textOfUtf8(bytes: Uint8Array): string | undefined {
  const characters: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const found = characterAt(bytes, at);
    if (found === undefined) {
      return undefined;
    }
    characters.push(String.fromCodePoint(found.code));
    at = found.next;
  }
  return characters.join("");
}
