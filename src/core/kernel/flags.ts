/** Flag words as text and back, in the form strace prints: names joined by `|`, the rest in hexadecimal. Facts: strace(1). */

/**
 * The value of a text like `O_RDWR|O_CLOEXEC|0x8000000`; undefined if a name is not in the table.
 * Octal (leading 0), decimal and hexadecimal numbers are understood. Values up to 2^53.
 *
 * @example
 * import { flagsOfText, textOfFlags, OPEN_FLAGS } from "cloison";
 * import assert from "node:assert";
 * assert.equal(flagsOfText(OPEN_FLAGS, "O_WRONLY|O_CREAT"), 0o101);
 * assert.equal(textOfFlags(OPEN_FLAGS, 0o101), "O_WRONLY|O_CREAT");
 */
export function flagsOfText(table: Readonly<Record<string, number>>, text: string): number | undefined {
  let flags = 0n;
  for (const part of text.split("|")) {
    const value = flagValue(table, part.trim());
    if (value === undefined) {
      return undefined;
    }
    flags |= BigInt(value);
  }
  return Number(flags);
}

function flagValue(table: Readonly<Record<string, number>>, part: string): number | undefined {
  if (Object.hasOwn(table, part)) {
    return table[part];
  }
  if (/^0x[0-9a-f]+$/i.test(part)) {
    return Number.parseInt(part, 16);
  }
  if (/^0[0-7]*$/.test(part)) {
    return Number.parseInt(part, 8);
  }
  return /^[1-9]\d*$/.test(part) ? Number(part) : undefined;
}

/** The flags of a value by name, in the table's order; what no name covers follows in hexadecimal. 0 is the table's name for it, or `0`. */
export function textOfFlags(table: Readonly<Record<string, number>>, flags: number): string {
  const parts: string[] = [];
  let rest = BigInt(flags);
  for (const [name, value] of Object.entries(table)) {
    const bits = BigInt(value);
    if (bits !== 0n && (rest & bits) === bits) {
      parts.push(name);
      rest &= ~bits;
    }
  }
  if (rest !== 0n) {
    parts.push(`0x${rest.toString(16)}`);
  }
  if (parts.length > 0) {
    return parts.join("|");
  }
  return Object.entries(table).find(([, value]) => value === 0)?.[0] ?? "0";
}
