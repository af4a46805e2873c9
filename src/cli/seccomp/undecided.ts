/** Why a verb fails: bad input, or a filter that cannot be followed or proved. */
import { type Diagnostic, formatDiagnostic } from "../../core/diagnostic/diagnostic.ts";
import { InputError } from "../../core/diagnostic/input-error.ts";
import type { VerbOutcome } from "../verb.ts";

/** What says nothing against the input: it is not decided. */
const UNDECIDED: ReadonlySet<string> = new Set(["filter-not-followed", "filter-not-proved"]);

/** The end of a verb with errors about the filter that a word names. Throws InputError unless it is only not decided. */
export function failure(word: string, diagnostics: readonly Diagnostic[]): VerbOutcome {
  const named = diagnostics.map((each) =>
    each.span === undefined ? { ...each, message: `${word}: ${each.message}` } : each,
  );
  const reason = diagnostics.find(({ code }) => UNDECIDED.has(code))?.message;
  if (reason === undefined) {
    throw new InputError(named);
  }
  return {
    status: 3,
    text: "",
    json: { schema: "cloison.undecided/1", proved: null, reason },
    notes: named.map(formatDiagnostic),
  };
}
