/**
 * Writes words so that systemd reads back the very same words: the only way for observed text to reach a drop-in.
 * Facts: systemd.syntax(7) "Quoting", systemd.unit(5) "Specifiers".
 */
import { type Parsed, refusal } from "../diagnostic/diagnostic.ts";
import { controlCharacter, isText, nameOfCharacter } from "./characters.ts";
import { LONG_LINE_MAX } from "./parse.ts";

/**
 * One word, quoted if need be: `%` doubled, quotes and backslashes escaped, so that it reads the same in commands and
 * lists. `separators` are characters besides white space that end a word in this directive (`:` in BindPaths=).
 * A control character cannot be written in a list at all, and is an error; so is text that is not valid Unicode.
 *
 * @example
 * import { quoteValue } from "cloison";
 * import assert from "node:assert";
 * const quoted = quoteValue(`/srv/100% "new"`);
 * assert.ok(quoted.ok);
 * assert.equal(quoted.value, `"/srv/100%% \\"new\\""`);
 * assert.equal(quoteValue("/tmp/a\nExecStart=/bin/sh").ok, false);
 */
export function quoteValue(text: string, separators = ""): Parsed<string> {
  const control = controlCharacter(text);
  if (control !== undefined) {
    const message = `the control character ${nameOfCharacter(control)} cannot be written in a unit file`;
    return refusal("unit-control-character", message, "name the directory that contains it instead");
  }
  if (!isText(text)) {
    return refusal(
      "unit-not-text",
      "text that is not valid Unicode cannot be written in a unit file",
      "rename the file",
    );
  }
  const doubled = text.replaceAll("%", "%%");
  const special = doubled === "" || doubled === ";" || /[ "'\\]/.test(doubled);
  const value =
    special || [...separators].some((each) => doubled.includes(each))
      ? `"${doubled.replace(/["\\]/g, "\\$&")}"`
      : doubled;
  return { ok: true, value, diagnostics: [] };
}

function assign(key: string, values: readonly string[]): Parsed<string> {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(key)) {
    return refusal("unit-bad-key", "a directive's name has only letters, digits and dashes", "check the name");
  }
  const line = `${key}=${values.join(" ")}\n`;
  // No character is longer than four bytes.
  if (line.length * 4 > LONG_LINE_MAX) {
    return refusal("unit-long-line", `${key}= would be longer than systemd reads (1 MiB)`, "write it in several lines");
  }
  return { ok: true, value: line, diagnostics: [] };
}

function printWords(
  key: string,
  words: readonly string[],
  change: (quoted: string, index: number) => string,
): Parsed<string> {
  const quoted: string[] = [];
  for (const [index, word] of words.entries()) {
    const one = quoteValue(word);
    if (!one.ok) {
      return one;
    }
    quoted.push(change(one.value, index));
  }
  return assign(key, quoted);
}

/**
 * The line `Key=word word…`, with its newline; no words make a reset. A word that contains white space is quoted.
 *
 * @example
 * import { printAssignment } from "cloison";
 * import assert from "node:assert";
 * const line = printAssignment("ReadWritePaths", ["/srv/data", "/srv/my data"]);
 * assert.ok(line.ok);
 * assert.equal(line.value, `ReadWritePaths=/srv/data "/srv/my data"\n`);
 */
export function printAssignment(key: string, words: readonly string[]): Parsed<string> {
  return printWords(key, words, (quoted) => quoted);
}

/**
 * Like `printAssignment`, for an Exec line: `$` is doubled in the arguments, so that no variable is expanded. The first
 * word is the program, in which systemd expands none.
 */
export function printCommand(key: string, argv: readonly string[]): Parsed<string> {
  return printWords(key, argv, (quoted, index) => (index === 0 ? quoted : quoted.replaceAll("$", "$$$$")));
}
