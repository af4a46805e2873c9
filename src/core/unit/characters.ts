/** Which characters systemd counts as white space, as text, as safe. Facts: systemd 257, measured; systemd.syntax(7). */

/** What separates words and is stripped from values: space, tab, newline, carriage return; no other Unicode space. */
export const WHITE_SPACE = " \t\n\r";

/** Text without white space (as systemd counts it) at either end. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.includes(text.charAt(start))) {
    start++;
  }
  while (end > start && WHITE_SPACE.includes(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(start, end);
}

/**
 * Whether every character can be encoded: no lone surrogate, no Unicode noncharacter. systemd skips lines with others.
 */
export function isText(text: string): boolean {
  for (const character of text) {
    if (!isCodePoint(character.codePointAt(0) ?? 0)) {
      return false;
    }
  }
  return true;
}

/** Whether a number is a Unicode character that systemd accepts. */
export function isCodePoint(code: number): boolean {
  if (code > 0x10ffff || (code & 0x1ff800) === 0xd800) {
    return false;
  }
  return !(code >= 0xfdd0 && code <= 0xfdef) && (code & 0xfffe) !== 0xfffe;
}

/** The first control character (C0, DEL, C1) of a text; undefined if there is none. */
export function controlCharacter(text: string): string | undefined {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) {
      return character;
    }
  }
  return undefined;
}

/** A character as people write it in a message: `U+001B`. */
export function nameOfCharacter(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
