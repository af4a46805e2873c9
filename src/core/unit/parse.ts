/**
 * Reads a unit file or drop-in as systemd 257 reads it, without losing a byte. Facts: systemd.syntax(7), and what
 * `systemd-analyze verify` says of the files in test/samples/unit-files.
 */
import { type Diagnostic, type Parsed, refusal } from "../diagnostic/diagnostic.ts";
import { controlCharacter, isText, nameOfCharacter, strip } from "./characters.ts";
import type { Entry, UnitFile } from "./unit-file.ts";

/** systemd refuses a file with a longer line, continuation lines joined; in bytes, at least one per character. */
export const LONG_LINE_MAX = 1048576;

interface PhysicalLine {
  readonly number: number;
  readonly text: string;
  readonly raw: string;
}

/** A partial logical line: physical lines joined by a trailing backslash. */
interface Pending {
  readonly line: number;
  readonly column: number;
  raw: string;
  /** Joined only at the end, so that a file of a million continued lines takes linear time. */
  readonly parts: string[];
  length: number;
}

interface State {
  readonly file: string;
  readonly sections: ReadonlySet<string> | undefined;
  readonly entries: Entry[];
  readonly diagnostics: Diagnostic[];
  /** Undefined before the first section header. */
  section: string | undefined;
}

/** CR and LF end a line, alone or paired in either order. */
function* physicalLines(text: string): Generator<PhysicalLine> {
  const ends = /\r\n|\n\r|\n|\r/g;
  let start = 0;
  let number = 1;
  for (const end of text.matchAll(ends)) {
    yield { number, text: text.slice(start, end.index), raw: text.slice(start, end.index + end[0].length) };
    start = end.index + end[0].length;
    number++;
  }
  if (start < text.length) {
    yield { number, text: text.slice(start), raw: text.slice(start) };
  }
}

function endsInEscape(text: string): boolean {
  let backslashes = 0;
  while (backslashes < text.length && text.charAt(text.length - 1 - backslashes) === "\\") {
    backslashes++;
  }
  return backslashes % 2 === 1;
}

function withoutIndent(text: string): string {
  return text.slice(text.length - text.replace(/^[ \t]+/, "").length);
}

/** The sections that systemd reads in a unit of this type; undefined if the path does not tell the type. */
function knownSections(file: string): ReadonlySet<string> | undefined {
  const type = /\.(service|socket|timer|target|mount|automount|swap|path|slice|scope|device)(?:\.d\/[^/]*)?$/.exec(
    file,
  )?.[1];
  if (type === undefined) {
    return undefined;
  }
  return new Set(["Unit", "Install", type.charAt(0).toUpperCase() + type.slice(1)]);
}

function report(state: State, severity: Diagnostic["severity"], code: string, pending: Pending, message: string): void {
  const span = { file: state.file, line: pending.line, column: pending.column };
  state.diagnostics.push({ code, severity, message, span });
}

function takeSection(state: State, pending: Pending, text: string): void {
  const name = text.slice(1, -1);
  if (!text.endsWith("]") || text.length < 2) {
    report(state, "error", "unit-bad-section", pending, `section header without "]": systemd refuses the whole file`);
  } else if (/["'\\]/.test(name) || controlCharacter(name) !== undefined) {
    report(state, "error", "unit-bad-section", pending, "quote, backslash or control character in a section header");
  } else if (state.sections?.has(name) === false && !name.startsWith("X-")) {
    report(state, "warning", "unit-unknown-section", pending, `unknown section [${name}]: systemd ignores it`);
  }
  state.section = name;
  state.entries.push({ kind: "section", line: pending.line, raw: pending.raw, name });
}

/** Why systemd skips a line that is neither a comment nor a section header. */
function skipped(section: string | undefined, equals: number): readonly [code: string, message: string] | undefined {
  if (section === undefined) {
    return ["unit-no-section", "text before any section"];
  }
  if (equals < 0) {
    return ["unit-no-equals", `no "=" in the line`];
  }
  return equals === 0 ? ["unit-no-key", `no key before "="`] : undefined;
}

function takeAssignment(state: State, pending: Pending, text: string): void {
  const { line, column, raw } = pending;
  const equals = text.indexOf("=");
  const reason = skipped(state.section, equals);
  if (reason !== undefined) {
    report(state, "warning", reason[0], pending, `${reason[1]}: systemd ignores the line`);
    state.entries.push({ kind: "ignored", line, raw });
    return;
  }
  const key = strip(text.slice(0, equals));
  const value = strip(text.slice(equals + 1));
  state.entries.push({ kind: "assignment", line, column, raw, section: state.section ?? "", key, value });
}

function takeLogical(state: State, pending: Pending): void {
  const text = strip(pending.parts.join(""));
  if (text === "") {
    state.entries.push({ kind: "blank", line: pending.line, raw: pending.raw });
  } else if (pending.length > LONG_LINE_MAX) {
    report(state, "error", "unit-long-line", pending, "a line longer than 1 MiB: systemd refuses the whole file");
    state.entries.push({ kind: "ignored", line: pending.line, raw: pending.raw });
  } else if (!isText(text)) {
    report(
      state,
      "warning",
      "unit-not-text",
      pending,
      "characters that are not valid Unicode: systemd ignores the line",
    );
    state.entries.push({ kind: "ignored", line: pending.line, raw: pending.raw });
  } else if (text.startsWith("[")) {
    takeSection(state, pending, text);
  } else {
    takeAssignment(state, pending, text);
  }
}

function takeLines(state: State, text: string): void {
  const byteOrderMark = text.startsWith("\ufeff") ? "\ufeff" : "";
  let pending: Pending | undefined;
  for (const physical of physicalLines(text.slice(byteOrderMark.length))) {
    const raw = physical.number === 1 ? byteOrderMark + physical.raw : physical.raw;
    const content = withoutIndent(physical.text);
    if (/^[#;]/.test(content)) {
      // A comment neither ends a continued line nor is continued itself.
      if (pending !== undefined) {
        pending.raw += raw;
      } else {
        state.entries.push({ kind: "comment", line: physical.number, raw });
      }
      continue;
    }
    const column = physical.text.length - content.length + 1;
    const continued = endsInEscape(physical.text);
    pending ??= { line: physical.number, column, raw: "", parts: [], length: 0 };
    pending.raw += raw;
    pending.parts.push(continued ? `${physical.text.slice(0, -1)} ` : physical.text);
    pending.length += physical.text.length;
    if (continued && pending.length <= LONG_LINE_MAX) {
      continue;
    }
    takeLogical(state, pending);
    pending = undefined;
  }
  if (pending !== undefined) {
    takeLogical(state, pending);
  }
  if (text === "\ufeff") {
    state.entries.push({ kind: "blank", line: 1, raw: text });
  }
}

/**
 * Parses the text of a unit file or drop-in. `file` is its path, for diagnostics and because its suffix tells which
 * sections systemd knows in it.
 *
 * What systemd refuses as a whole (a broken section header, a line of more than 1 MiB, a NUL byte) gives no value; what it skips
 * with a warning gives a warning here, and the line stays in the value as `ignored`.
 *
 * @example
 * import { assignmentsOfFile, parseUnit, printUnit } from "cloison";
 * import assert from "node:assert";
 * const text = "[Service]\nExecStart=/usr/bin/app \\\n# why\n  --fast\n";
 * const parsed = parseUnit(text, "app.service");
 * assert.ok(parsed.ok);
 * assert.equal(assignmentsOfFile(parsed.value, "Service", "ExecStart")[0]?.value, "/usr/bin/app    --fast");
 * assert.equal(printUnit(parsed.value), text);
 */
export function parse(text: string, file: string): Parsed<UnitFile> {
  const nul = text.indexOf("\0");
  if (nul >= 0) {
    const line = [...physicalLines(text.slice(0, nul))].length || 1;
    const message = `not a unit file: it contains a ${nameOfCharacter("\0")} byte`;
    return refusal("unit-binary", message, "name a text file", { file, line, column: 1 });
  }
  const state: State = { file, sections: knownSections(file), entries: [], diagnostics: [], section: undefined };
  takeLines(state, text);
  const { entries, diagnostics } = state;
  if (diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
    return { ok: false, diagnostics };
  }
  return { ok: true, value: { path: file, entries }, diagnostics };
}
