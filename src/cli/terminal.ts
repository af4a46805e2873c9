/**
 * What is printed and how: results on stdout, progress on stderr (one line that is rewritten on a terminal, one line a step
 * elsewhere), colours by NO_COLOR (no-color.org). Whatever comes by is made harmless here once more, colours of our own excepted.
 */

import { visible } from "../core/diagnostic/visible.ts";
import { printableJson } from "../core/json/printable.ts";
import { columns, type Line, type Piece, type Tone } from "../core/report/lines.ts";
import { SystemError } from "../linux/system-error.ts";

/** A stream to print on, as process.stdout and process.stderr are. */
export interface Sink {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly on?: (event: "error", listener: (error: Error) => void) => unknown;
}

/** What `terminal` needs of the process. */
export interface TerminalFacts {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: { readonly [name: string]: string | undefined };
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** The ways to print. */
export interface Terminal {
  readonly colour: boolean;
  /** Progress: a step in words, shown with the time spent; one that ends in `3/37` is drawn as a bar. */
  readonly say: (step: string) => void;
  /** A line of a story, on stdout, at once. */
  readonly tell: (line: string) => void;
  /** A line on stderr that stays. */
  readonly note: (line: string) => void;
  /** The result as text, on stdout; nothing when empty. */
  readonly result: (text: string) => void;
  /** The result as JSON, on stdout. */
  readonly data: (value: unknown) => void;
  /** Ends the progress line. */
  readonly done: () => void;
}

/** Whether to colour what goes to a stream. */
export function wantsColour(sink: Sink, env: TerminalFacts["env"]): boolean {
  const refused = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return sink.isTTY === true && !refused;
}

const SGR: Readonly<Record<Tone, string>> = { plain: "", strong: "1", quiet: "2", good: "32", warn: "33", bad: "31" };

/** A text in its tone, where there are colours. */
export function tinted(text: string, tone: Tone, colour: boolean): string {
  return colour && tone !== "plain" ? `\u001b[${SGR[tone]}m${text}\u001b[0m` : text;
}

/** Lines as a string, with colours or without, each ended by a newline. */
export function paint(lines: readonly Line[], colour: boolean): string {
  const one = ({ tone, text }: Piece): string => tinted(text, tone, colour);
  return lines.map((line) => `${line.map(one).join("")}\n`).join("");
}

/** What `paint` writes, and nothing else that begins with an escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours are what is looked for.
const OWN_COLOUR = /(\u001b\[(?:0|1|2|31|32|33)m)/;

/** One line with everything made visible that would act on a terminal; our own colours stay, if colours are on. */
export function harmless(line: string, colour: boolean): string {
  return line
    .split(OWN_COLOUR)
    .map((part, index) => (index % 2 === 0 ? visible(part) : colour ? part : ""))
    .join("");
}

/** Printing on the streams of this process. */
export function terminal(process: TerminalFacts): Terminal {
  const { stdout, stderr, env, now = () => performance.now() } = process;
  const colour = wantsColour(stdout, env);
  const progress = progressOn(stderr, wantsColour(stderr, env), now);
  stdout.on?.("error", ignoreClosedPipe);
  stderr.on?.("error", ignoreClosedPipe);
  const lines = (text: string): string =>
    text
      .replace(/\n+$/, "")
      .split("\n")
      .map((line) => `${harmless(line, colour)}\n`)
      .join("");
  return {
    colour,
    say: progress.say,
    tell: (line) => progress.around(() => stdout.write(`${harmless(line, colour)}\n`)),
    note: (line) => progress.around(() => stderr.write(`${visible(line)}\n`)),
    result: (text) => progress.around(() => text !== "" && stdout.write(lines(text))),
    data: (value) =>
      progress.around(() => stdout.write(`${printableJson(JSON.stringify(value, undefined, 2) ?? "null")}\n`)),
    done: progress.done,
  };
}

interface Progress {
  readonly say: (step: string) => void;
  readonly around: (print: () => unknown) => void;
  readonly done: () => void;
}

function progressOn(stderr: Sink, colour: boolean, now: () => number): Progress {
  const began = now();
  const spent = (): string => timeText(now() - began);
  if (stderr.isTTY !== true) {
    const say = (step: string): unknown => stderr.write(`${spent().padStart(SPENT_WIDTH)}  ${visible(step)}\n`);
    return { say, around: (print) => print(), done: () => undefined };
  }
  let current = "";
  let clock: NodeJS.Timeout | undefined;
  const width = Math.min(stderr.columns ?? 80, 100) - 1;
  const clear = (): void => {
    if (current !== "") {
      stderr.write("\r\u001b[K");
    }
  };
  const draw = (): void => {
    if (current !== "") {
      stderr.write(`\r\u001b[K${progressLine(current, spent(), width, colour)}`);
    }
  };
  return {
    say: (step) => {
      current = visible(step);
      draw();
      // The time goes on while a step takes long; that alone keeps nothing alive.
      clock ??= setInterval(draw, 1000).unref();
    },
    around: (print) => {
      clear();
      print();
      draw();
    },
    done: () => {
      clearInterval(clock);
      clock = undefined;
      clear();
      current = "";
    },
  };
}

const SPENT_WIDTH = 5;

/** `7 s`, `2:07`. */
function timeText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `▸ words  7 s`, or with `3/37` at the end a bar; never longer than the line, so that it can be rewritten. */
function progressLine(step: string, spent: string, width: number, colour: boolean): string {
  const counted = /^(.*?)\s*\b(\d{1,6})\/(\d{1,6})$/.exec(step);
  if (counted === null) {
    return `${cut(`▸ ${step}`, width - spent.length - 2)}  ${tinted(spent, "quiet", colour)}`;
  }
  const [, words = "", done = "0", all = "1"] = counted;
  const cells = 24;
  const full = Math.round((Math.min(Number(done), Number(all)) / Math.max(Number(all), 1)) * cells);
  const bar = "━".repeat(full);
  const rest = "─".repeat(cells - full);
  const line = cut(` ${done}/${all}  ${words}`, width - cells - spent.length - 2);
  return `${tinted(bar, "good", colour)}${tinted(rest, "quiet", colour)}${line}  ${tinted(spent, "quiet", colour)}`;
}

function cut(text: string, width: number): string {
  if (columns(text) <= width) {
    return text;
  }
  let head = "";
  for (const character of text) {
    if (columns(head + character) >= width) {
      break;
    }
    head += character;
  }
  return `${head}…`;
}

/** `cloison … | head` closes the pipe early; that is no error of ours. A full disk is one of the system. */
function ignoreClosedPipe(error: Error): void {
  if (!("code" in error) || error.code !== "EPIPE") {
    throw new SystemError("print", { cause: error });
  }
}
