/**
 * Improves a draft until no single setting can be added or tightened: every candidate of every directive is tried against the whole,
 * again and again, until a round takes none; what refuses each in that last round is its witness.
 */
import { loosened } from "../sandbox/compare.ts";
import type { Chosen, Offer, Refused } from "./candidates.ts";
import { mayOpen } from "./give-back.ts";
import type { Prepared } from "./input.ts";
import { isLess } from "./objective.ts";
import { type Requirement, unmet } from "./required.ts";
import { doorChoices, doorsOf, withUsefulDoors } from "./search.ts";
import { includes, joined, type Settled, type Standing, settledBy, type Taken } from "./standing.ts";
import type { Witness } from "./witness.ts";

/** A draft to which nothing can be added. */
export interface Improved extends Settled {
  /** The candidates that are neither taken nor implied by what is, each with the reason. */
  readonly refused: readonly Refused[];
  /** Where one setting was given up for another that cannot be had beside it, in words. */
  readonly exchanged: readonly string[];
}

/** How an improvement is bounded. */
export interface Bounds {
  /** Whether a setting may be given up for another; else every step only tightens. */
  readonly exchange: boolean;
  /** How many drafts may be tried. */
  readonly tries: number;
}

/** More than any unit was seen to need; a bound for what nobody foresaw. */
export const MOST_TRIES = 4000;

type Tried =
  | { readonly kind: "taken"; readonly settled: Settled; readonly gaveUp?: string }
  | { readonly kind: "refused"; readonly witness: Witness };

/** Tries what is offered until nothing more can be taken. */
export function improve(
  prepared: Prepared,
  offers: ReadonlyMap<string, Offer>,
  draft: Settled,
  bounds: Bounds,
): Improved {
  const budget = { left: bounds.tries };
  const exchanged: string[] = [];
  let settled = draft;
  for (;;) {
    const round = oneRound(prepared, offers, settled, { ...bounds, budget });
    exchanged.push(...round.exchanged);
    settled = round.settled;
    if (!round.changed) {
      return { ...settled, refused: round.refused, exchanged };
    }
  }
}

/** What a round may do, and how many drafts are left to try. */
interface Round extends Bounds {
  readonly budget: { left: number };
}

function oneRound(prepared: Prepared, offers: ReadonlyMap<string, Offer>, start: Settled, round: Round) {
  const refused: Refused[] = [];
  const exchanged: string[] = [];
  let settled = start;
  for (const offer of offers.values()) {
    const after = oneOffer(prepared, offers, settled, offer, round);
    settled = after.settled;
    refused.push(...after.refused);
    exchanged.push(...after.exchanged);
  }
  return { settled, refused, exchanged, changed: settled !== start };
}

/** The strictest candidate of a directive that can be had, if it is stricter than what stands; what is stricter still is refused. */
function oneOffer(
  prepared: Prepared,
  offers: ReadonlyMap<string, Offer>,
  settled: Settled,
  { directive, open, closed }: Offer,
  round: Round,
) {
  const built = (chosen: Chosen): boolean => includes(prepared, settled.state.values, chosen);
  const refused = closed.filter(({ chosen }) => !built(chosen));
  // A door by itself only opens; one that stands can be narrowed.
  if (directive.door !== undefined && !settled.steps.some(({ chosen }) => chosen.has(directive.name))) {
    return { settled, refused, exchanged: [] };
  }
  const stands = open.findIndex(built);
  for (const chosen of stands < 0 ? open : open.slice(0, stands)) {
    // What stands looser is not given up for what is stricter and opens something else.
    const exchange = round.exchange && stands < 0 && chosen === open.at(-1);
    const tried = attempt(prepared, offers, settled, chosen, { ...round, exchange });
    if (tried.kind === "taken") {
      return { settled: tried.settled, refused, exchanged: tried.gaveUp === undefined ? [] : [tried.gaveUp] };
    }
    refused.push({ chosen, witness: tried.witness });
  }
  return { settled, refused, exchanged: [] };
}

/** A candidate in the whole, if need be in place of another setting. */
function attempt(
  prepared: Prepared,
  offers: ReadonlyMap<string, Offer>,
  settled: Settled,
  chosen: Chosen,
  round: Round,
): Tried {
  const plain = added(prepared, offers, settled, chosen, round);
  const cannot = plain.kind === "refused" && (plain.witness.kind === "weaker" || plain.witness.kind === "instead");
  if (!round.exchange || !cannot) {
    return plain;
  }
  const { objective } = prepared;
  const others = settled.steps.filter((step) => step.wall !== chosen.directive.name && mayOpen(prepared, step));
  for (const other of others) {
    const without = settledBy(
      prepared,
      settled,
      settled.steps.filter((step) => step !== other),
    );
    const instead = added(prepared, offers, without, chosen, round);
    const better =
      instead.kind === "taken" &&
      isLess(objective(instead.settled.state.sandbox), objective(settled.state.sandbox)) &&
      unmet(instead.settled.state.sandbox, prepared.required).length === 0;
    if (better) {
      const gaveUp = `${other.wall}= is given up for ${chosen.directive.name}=: the two cannot be had together, and more is closed so`;
      return { ...instead, gaveUp };
    }
  }
  return plain;
}

/** A candidate with its doors, if everything required stays allowed and nothing is weaker than before. */
function added(
  prepared: Prepared,
  offers: ReadonlyMap<string, Offer>,
  settled: Settled,
  candidate: Chosen,
  { budget, exchange }: Round,
): Tried {
  const { state, steps } = settled;
  let witness: Witness = { kind: "untried" };
  for (const opened of doorChoices(doorsOf(offers, steps, candidate.directive.name))) {
    if (budget.left <= 0) {
      return { kind: "refused", witness: { kind: "untried" } };
    }
    budget.left -= 1;
    const chosen = withUsefulDoors(prepared, state, candidate, opened);
    const next = joined(prepared, state, chosen);
    const against = whyNot(prepared, state, next, { exchange, free: (candidate.directive.cost ?? 0) === 0 });
    if (against === undefined) {
      return { kind: "taken", settled: { state: next, steps: withStep(steps, candidate.directive.name, chosen) } };
    }
    witness = against;
  }
  return { kind: "refused", witness };
}

/** A setting that stands is replaced where it stands; a new one comes last. */
function withStep(steps: readonly Taken[], wall: string, chosen: Taken["chosen"]): readonly Taken[] {
  const fresh = new Map(chosen);
  const kept = steps.map((step) => {
    const own = [...step.chosen].map(([name, was]) => {
      const is = fresh.get(name) ?? was;
      fresh.delete(name);
      return [name, is] as const;
    });
    return { ...step, chosen: new Map(own) };
  });
  return fresh.size === 0 ? kept : [...kept, { wall, chosen: fresh }];
}

/** What speaks against a draft that would follow another. */
function whyNot(
  prepared: Prepared,
  state: Standing,
  next: Standing,
  { exchange, free }: { readonly exchange: boolean; readonly free: boolean },
): Witness | undefined {
  const [first] = unmet(next.sandbox, prepared.required);
  if (first !== undefined) {
    return refusedEvidence(first, next);
  }
  const [opened] = loosened(prepared.before, next.sandbox);
  if (opened !== undefined) {
    return { kind: "weaker", reason: opened };
  }
  const [traded] = loosened(state.sandbox, next.sandbox);
  if (traded === undefined) {
    // A second wall behind another costs nothing and holds where the first does not.
    return free || loosened(next.sandbox, state.sandbox).length > 0 ? undefined : { kind: "nothing" };
  }
  const { objective } = prepared;
  return exchange && isLess(objective(next.sandbox), objective(state.sandbox))
    ? undefined
    : { kind: "instead", reason: traded };
}

function refusedEvidence({ evidence, words }: Requirement, next: Standing): Witness {
  const impossible = next.sandbox.walls.find((wall) => wall.kind === "unstartable");
  if (impossible !== undefined) {
    return { kind: "unstartable", reason: impossible.reason };
  }
  const { phases, executables: programs } = evidence.seen;
  return { kind: "evidence", evidence: evidence.kind, action: words, phases, programs };
}
