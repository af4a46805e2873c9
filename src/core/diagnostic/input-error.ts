/** Bad input that ends what is being done: carries its diagnostics to the one place that prints them. */
import type { Diagnostic, Parsed } from "./diagnostic.ts";

/** Thrown where a value cannot be returned; the command line prints its diagnostics one a line and exits with 2. */
export class InputError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("; "));
    this.name = "InputError";
    this.diagnostics = diagnostics;
  }
}

/** The value of something parsed; throws an InputError where there is none. Warnings are passed over. */
export function valueOrThrow<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  throw new InputError(parsed.diagnostics);
}

/** An InputError of one message. */
export function inputError(code: string, message: string, help?: string): InputError {
  return new InputError([{ code, severity: "error", message, ...(help === undefined ? {} : { help }) }]);
}
