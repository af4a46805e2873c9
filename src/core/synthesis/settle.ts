/** The search from draft to result, at both levels, and what it says of everything that is not written. */
import { loosened } from "../sandbox/compare.ts";
import { type Offer, offersOf, type Refused } from "./candidates.ts";
import { withoutHarm } from "./give-back.ts";
import { improve, MOST_TRIES } from "./improve.ts";
import { type Prepared, prepare } from "./input.ts";
import { search } from "./search.ts";
import { type Settled, writtenAs } from "./standing.ts";
import { withoutWaste } from "./waste.ts";
import type { NotBuilt } from "./witness.ts";

/** What the search came to. */
export interface Settlement {
  readonly settled: Settled;
  readonly offers: ReadonlyMap<string, Offer>;
  readonly notBuilt: readonly NotBuilt[];
  readonly warnings: readonly string[];
}

/**
 * Searches. Strict never lets through what balanced refuses: where the search for itself would, what balanced came to is tightened
 * instead.
 */
export function settle(prepared: Prepared): Settlement {
  if (prepared.input.level === "balanced") {
    return settledAlone(prepared);
  }
  const { settled: balanced } = settledAlone(prepare({ ...prepared.input, level: "balanced" }));
  const strict = settledAlone(prepared);
  return loosened(balanced.state.sandbox, strict.settled.state.sandbox).length === 0
    ? strict
    : improved(prepared, offersOf(prepared), balanced, false);
}

function settledAlone(prepared: Prepared): Settlement {
  const offers = offersOf(prepared);
  const { settled, warnings } = withoutHarm(prepared, search(prepared, offers));
  const outcome = improved(prepared, offers, withoutWaste(prepared, settled), true);
  return { ...outcome, warnings: [...warnings, ...outcome.warnings] };
}

function improved(
  prepared: Prepared,
  offers: ReadonlyMap<string, Offer>,
  draft: Settled,
  exchange: boolean,
): Settlement {
  const tries = prepared.input.tries ?? MOST_TRIES;
  const { refused, exchanged, ...settled } = improve(prepared, offers, draft, { exchange, tries });
  return { settled, offers, notBuilt: notBuiltOf(prepared, refused), warnings: exchanged };
}

/** What was refused, in the order it was tried; then what is never written, in the order of the catalogue. */
function notBuiltOf(prepared: Prepared, refused: readonly Refused[]): readonly NotBuilt[] {
  const { directives, situation } = prepared;
  const never = directives.flatMap(({ name, ladder }): readonly NotBuilt[] =>
    typeof ladder === "function" || situation.unit.setting(name) !== undefined
      ? []
      : [{ directive: name, value: "", witness: { kind: "never", reason: ladder.never } }],
  );
  const tried = refused.map(({ chosen, witness }) => ({
    directive: chosen.directive.name,
    value: writtenAs(prepared, chosen),
    witness,
  }));
  return [...tried, ...never];
}
