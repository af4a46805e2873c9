/**
 * Directives whose lines add up and whose meaning is the machine's: the value is what was written since the last reset, a
 * line each. Facts: systemd.syntax(7), "empty string"; the reading functions of systemd 257's src/core/load-fragment.c.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { setting, type WallOrigin } from "../sandbox/origin.ts";
import type { Concern } from "../sandbox/wall.ts";
import { ignored, sameValue } from "./_scalar.ts";
import type { Directive, PlainWall } from "./directive.ts";

/** What was written since the last reset. */
export type Lines = readonly string[];

/** How the lines of such a directive are read. */
export interface LinesShape {
  /** The normal form of a line, with the words that systemd leaves out; no line where nothing is left. */
  readonly read: (text: string) => { readonly line: string | undefined; readonly bad: readonly string[] };
  /** What may be written, for the message about what may not. */
  readonly expects: string;
}

/** Folds and writes lines; of two values the unit's own, the second, is kept, for only the machine knows their order. */
export function linesOf(
  name: string,
  { read, expects }: LinesShape,
): Pick<Directive<Lines>, "initial" | "fold" | "print" | "meet"> {
  return {
    initial: [],
    fold: (assignments) => {
      let value: Lines = [];
      const diagnostics: Diagnostic[] = [];
      for (const assignment of assignments) {
        const text = assignment.value.trim();
        const { line, bad } = text === "" ? { line: undefined, bad: [] } : read(text);
        diagnostics.push(...bad.map((word) => ignored(name, { ...assignment, value: word }, expects)));
        value = text === "" ? [] : [...value, ...(line === undefined ? [] : [line])];
      }
      return { value, diagnostics };
    },
    print: (value, below) => {
      if (sameValue(value, below)) {
        return [];
      }
      return below.length === 0 ? value : ["", ...value];
    },
    meet: (a, b) => (b.length === 0 ? a : b),
  };
}

/** Reads a line as one item. */
export function oneItem(parse: (text: string) => string | undefined): LinesShape["read"] {
  return (text) => {
    const line = parse(text);
    return { line, bad: line === undefined ? [text] : [] };
  };
}

/** Reads a line as words, of which each must be good; a leading `~`, where it is allowed, inverts the line. */
export function itemsOf(isGood: (word: string) => boolean, invertible: boolean): LinesShape["read"] {
  return (text) => {
    const inverted = invertible && text.startsWith("~");
    const words = (inverted ? text.slice(1) : text).split(/\s+/).filter((word) => word !== "");
    const good = words.filter(isGood);
    const line = good.length === 0 ? undefined : `${inverted ? "~" : ""}${good.join(" ")}`;
    return { line, bad: words.filter((word) => !isGood(word)) };
  };
}

/** A wall that may refuse what it is about; by which rules, only the machine knows. */
export function mayRefuse(by: WallOrigin, about: readonly Concern[] | "everything"): PlainWall {
  return { kind: "unmodelled", by, about, opens: false };
}

/** That wall for lines, where there are any. */
export function linesMayRefuse(name: string, lines: Lines, ...about: readonly Concern[]): readonly PlainWall[] {
  return lines.length === 0 ? [] : [mayRefuse(setting(name, lines.join(" ")), about)];
}
