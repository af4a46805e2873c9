/**
 * The drop-in as text: one comment with the reason over each setting. What was observed is hostile: a comment can hold no
 * line break, no trailing backslash and no control or direction character. Facts: systemd.syntax(7).
 */
import { visible } from "../diagnostic/visible.ts";
import type { Setting, Synthesis } from "./synthesize.ts";

/** Long lists are broken so that a person can read them; systemd joins lines that end in a backslash. */
const WIDTH = 116;

/** A text that is safe in one comment line: what is not printable is shown by its number. */
export function commentText(text: string): string {
  const shown = visible(text);
  return shown.endsWith("\\") ? `${shown} ` : shown;
}

function wrapped(prefix: string, text: string): readonly string[] {
  const lines: string[] = [];
  let line = prefix;
  for (const word of commentText(text).split(" ")) {
    if (line.length + word.length + 1 > WIDTH && line !== prefix) {
      lines.push(line);
      line = prefix;
    }
    line += ` ${word}`;
  }
  return [...lines, line].map((each) => (each.endsWith("\\") ? `${each} .` : each));
}

/** An assignment, broken between words where it is long; quotes are never broken, because only plain words are wrapped. */
function assignment(name: string, value: string): readonly string[] {
  const whole = `${name}=${value}`;
  if (whole.length <= WIDTH || /["'\\]/.test(value)) {
    return [whole];
  }
  const lines: string[] = [];
  let line = `${name}=`;
  for (const word of value.split(" ")) {
    const joint = line.endsWith("=") || line.endsWith(" ") ? "" : " ";
    if (line.length + word.length + 3 > WIDTH) {
      lines.push(`${line} \\`);
      line = `    ${word}`;
    } else {
      line += `${joint}${word}`;
    }
  }
  return [...lines, line];
}

function block(setting: Setting): readonly string[] {
  const doors = setting.doors.filter((door) => !setting.reason.includes(door));
  return [
    ...wrapped("#", setting.reason),
    ...doors.flatMap((door) => wrapped("# door:", door)),
    ...setting.lines.flatMap((line) => assignment(setting.directive, line)),
  ];
}

/** What stands above the last part. */
const HERE =
  "==== Only of the machine that this was made on: what was found there. harden --portable leaves all below out. ====";

/**
 * The drop-in. `header`: what stands at its top, one line each (who made it, from what). `here`: settings, or further lines of settings
 * that add up, that are particular to one machine; they stand at the end by themselves.
 *
 * @example
 * import { printDropIn } from "cloison";
 * import assert from "node:assert";
 * const setting = {
 *   directive: "ProtectClock", value: true, lines: ["yes"], reason: "was not seen to set the clock", doors: [], step: 0,
 * };
 * assert.equal(
 *   printDropIn({ settings: [setting] }, ["made by hand"]),
 *   "# made by hand\n\n[Service]\n# was not seen to set the clock\nProtectClock=yes\n",
 * );
 */
export function printDropIn(
  synthesis: Pick<Synthesis, "settings">,
  header: readonly string[],
  here: readonly Setting[] = [],
): string {
  const blocks = (settings: readonly Setting[]): string =>
    settings.map((setting) => block(setting).join("\n")).join("\n\n");
  const top = header.flatMap((line) => wrapped("#", line));
  const found = here.length === 0 ? [] : ["", ...wrapped("#", HERE), "", blocks(here)];
  return [...top, "", "[Service]", blocks(synthesis.settings), ...found, ""].join("\n");
}
