/**
 * Directives that hold a list of words, of which each is about something of its own. Lines add up, an empty line empties
 * the list, a word with the key of an earlier one stands in for it. Facts: systemd.exec(5); measured with systemd 257.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { quoteValue } from "../unit/print.ts";
import { splitWords } from "../unit/words.ts";
import { type Described, ignored, sameValue } from "./_scalar.ts";
import type { Directive } from "./directive.ts";

/** The words as they are written, sorted. */
export type WordList = readonly string[];

/** How one kind of word is read. */
export interface WordShape {
  /** What tells words apart; undefined for a word that systemd skips. */
  readonly keyOf: (word: string) => string | undefined;
  /** Whether a line is one word, whatever white space it has. */
  readonly wholeLine?: boolean;
  /** What may be written, for the message about what may not. */
  readonly expects: string;
  readonly samples: readonly string[];
}

/** A list of words. */
export function wordsDirective(own: Described<WordList> & WordShape): Directive<WordList> {
  const { keyOf, wholeLine = false, expects, ...described } = own;
  const unite = (a: WordList, b: WordList): WordList => {
    const words = new Map([...a, ...b].map((word) => [keyOf(word) ?? word, word]));
    return [...words.values()].sort();
  };
  const show = (words: WordList): readonly string[] => {
    const quoted = words.flatMap((word) => {
      const text = wholeLine ? { ok: true as const, value: word } : quoteValue(word);
      return text.ok ? [text.value] : [];
    });
    return wholeLine ? quoted : [quoted.join(" ")];
  };
  return {
    ...described,
    initial: [],
    fold: (assignments) => {
      let value: WordList = [];
      const diagnostics: Diagnostic[] = [];
      for (const assignment of assignments) {
        const text = assignment.value.trim();
        const words = wholeLine ? [text].filter((each) => each !== "") : splitWords(text, "list").words;
        const bad = words.filter((word) => keyOf(word) === undefined);
        value =
          text === ""
            ? []
            : unite(
                value,
                words.filter((word) => !bad.includes(word)),
              );
        diagnostics.push(...bad.map((word) => ignored(own.name, { ...assignment, value: word }, expects)));
      }
      return { value, diagnostics };
    },
    print: (value, below) => {
      if (sameValue(value, below)) {
        return [];
      }
      if (value.length === 0) {
        return [""];
      }
      const more = sameValue(unite(below, value), value);
      return more ? show(value.filter((word) => !below.includes(word))) : ["", ...show(value)];
    },
    meet: unite,
  };
}
