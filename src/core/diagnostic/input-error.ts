/** Bad input that aborts the operation: carries its diagnostics to the one place that prints them. */
import type { Diagnostic, Parsed } from "./diagnostic.ts";

/** Thrown where no value can be returned; the command line prints the diagnostics one per line and exits with 2. */
export class InputError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("; "));
    this.name = "InputError";
    this.diagnostics = diagnostics;
  }
}

/** The value of a parse; throws an InputError if there is none. Warnings are dropped. */
export function valueOrThrow<T>(parsed: Parsed<T>): T {
  if (parsed.ok) {
    return parsed.value;
  }
  throw new InputError(parsed.diagnostics);
}

/** An InputError with a single message. */
export function inputError(code: string, message: string, help?: string): InputError {
  return new InputError([{ code, severity: "error", message, ...(help === undefined ? {} : { help }) }]);
}
