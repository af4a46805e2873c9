/** Lines for a terminal as data: pieces with a tone, wrapped to a width. What a tone looks like is the terminal's matter. */
import { visible } from "../diagnostic/visible.ts";

/** What a piece means, not how it looks. */
export type Tone = "plain" | "strong" | "quiet" | "good" | "warn" | "bad";

/** Text of one tone, free of control characters. Made by `piece`. */
export interface Piece {
  readonly tone: Tone;
  readonly text: string;
}

/** One line, without its newline. */
export type Line = readonly Piece[];

/** A piece of any text; what would act on a terminal is made visible. */
export function piece(text: string, tone: Tone = "plain"): Piece {
  return { tone, text: visible(text) };
}

/** The lines without any tone, each ended by a newline. */
export function plainText(lines: readonly Line[]): string {
  return lines.map((line) => `${line.map(({ text }) => text).join("")}\n`).join("");
}

/** The columns that a text takes: East Asian wide characters and emoji take two, combining marks none. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of text) {
    sum += columnsOf(character);
  }
  return sum;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

function columnsOf(character: string): number {
  if (/\p{M}/u.test(character)) {
    return 0;
  }
  return WIDE.test(character) ? 2 : 1;
}

/** Where lines may stand: `first` columns before the first one, `rest` before the others, `width` in all. */
export interface Margins {
  readonly first: number;
  readonly rest: number;
  readonly width: number;
}

/** Breaks pieces into lines at spaces, or inside a word that is longer than a line. */
export function wrap(pieces: readonly Piece[], margins: Margins): readonly Line[] {
  const lines: Piece[][] = [];
  let line: Piece[] = [];
  let used = 0;
  let indent = margins.first;
  const flush = (): void => {
    lines.push(margin(indent, trimEnd(line)));
    line = [];
    used = 0;
    indent = margins.rest;
  };
  for (const { tone, text } of pieces.flatMap(words)) {
    let remaining = text;
    while (remaining !== "") {
      const room = margins.width - indent - used;
      if (columns(remaining.trimEnd()) <= room) {
        line.push({ tone, text: remaining });
        used += columns(remaining);
        remaining = "";
      } else if (used > 0) {
        flush();
      } else {
        const head = take(remaining, Math.max(room, 1));
        line.push({ tone, text: head });
        remaining = remaining.slice(head.length);
        flush();
      }
    }
  }
  if (line.length > 0 || lines.length === 0) {
    flush();
  }
  return lines;
}

/** A piece cut after each run of spaces. */
function words({ tone, text }: Piece): readonly Piece[] {
  return (text.match(/\S+\s*|\s+/g) ?? []).map((word) => ({ tone, text: word }));
}

/** The longest beginning that takes at most so many columns; at least one character. */
function take(text: string, room: number): string {
  let head = "";
  for (const character of text) {
    if (head !== "" && columns(head) + columnsOf(character) > room) {
      break;
    }
    head += character;
  }
  return head;
}

function margin(width: number, line: readonly Piece[]): Piece[] {
  return width === 0 || line.length === 0 ? [...line] : [{ tone: "plain", text: " ".repeat(width) }, ...line];
}

function trimEnd(line: readonly Piece[]): readonly Piece[] {
  const last = line.at(-1);
  return last === undefined ? line : [...line.slice(0, -1), { tone: last.tone, text: last.text.trimEnd() }];
}
