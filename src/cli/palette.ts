/** A few colours for the lines of a story; none when the terminal wants none (NO_COLOR). */

/** Ways to set off a word. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** The palette of a terminal that has colours, or of one that has not. */
export function palette(colour: boolean): Palette {
  const set =
    (code: number) =>
    (text: string): string =>
      colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { strong: set(1), quiet: set(2), good: set(32), warn: set(33), bad: set(31) };
}
