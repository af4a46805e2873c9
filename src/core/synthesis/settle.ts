/** The search from draft to result, at both levels, and what it says of everything that is not written. */
import { loosened } from "../sandbox/compare.ts";
import { type Offer, offersOf, type Refused } from "./candidates.ts";
import { withoutHarm } from "./give-back.ts";
import { improve, MOST_TRIES } from "./improve.ts";
import { type Prepared, prepare } from "./input.ts";
import { search } from "./search.ts";
import type { Settled } from "./standing.ts";
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

/** What is never written first by name, then what was refused, each in the order of the catalogue. */
function notBuiltOf({ directives, input, situation }: Prepared, refused: readonly Refused[]): readonly NotBuilt[] {
  const never = directives.flatMap(({ name, ladder }): readonly NotBuilt[] =>
    typeof ladder === "function" || situation.unit.setting(name) !== undefined
      ? []
      : [{ directive: name, value: "", witness: { kind: "never", reason: ladder.never } }],
  );
  const tried = refused.map(({ chosen: { directive, candidate }, witness }) => {
    const value = directive.print(candidate.value, directive.initial, input.host.machine).join(" ").trim();
    return { directive: directive.name, value, witness };
  });
  return [...tried, ...never];
}
