/**
 * What is wrong with a person's input: a value with a place and a way out, not an exception for someone to catch by
 * luck.
 */

/** Where in a text: 1-based line and column, as editors count. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One finding about input. `code` is stable and may be relied upon; `help` names the way out. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: "error" | "warning" | "note";
  readonly message: string;
  readonly span?: Span;
  readonly help?: string;
}

/** A parsed value, or the reasons why there is none. Warnings may accompany a value. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A parser's result when a single problem leaves no value; `place` if it has one. */
export function refusal(code: string, message: string, help?: string, place?: Span): Parsed<never> {
  const more = { ...(help === undefined ? {} : { help }), ...(place === undefined ? {} : { span: place }) };
  return { ok: false, diagnostics: [{ code, severity: "error", message, ...more }] };
}

/**
 * Prints a diagnostic as one line, `file:line:column: severity: message (help)`.
 *
 * @example
 * import { formatDiagnostic } from "cloison";
 * import assert from "node:assert";
 * const span = { file: "app.service", line: 3, column: 1 };
 * assert.equal(
 *   formatDiagnostic({ code: "unit-no-section", severity: "error", message: "assignment before any section", span }),
 *   "app.service:3:1: error: assignment before any section",
 * );
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { span, severity, message, help } = diagnostic;
  const place = span === undefined ? "" : `${span.file}:${span.line}:${span.column}: `;
  return `${place}${severity}: ${message}${help === undefined ? "" : ` (${help})`}`;
}
