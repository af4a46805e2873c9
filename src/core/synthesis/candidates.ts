/** What each directive offers in a situation, and why some of it may not be tried; and their order. */
import { type AnyDirective, type Candidate, ladderOf, wallsOf } from "../directives/directive.ts";
import type { Prepared } from "./input.ts";
import type { Witness } from "./witness.ts";

/** A protection that the target would not enforce, and that is therefore not written. */
export interface NotEnforced {
  readonly name: string;
  readonly reason: string;
}

/** A candidate with its place on the ladder of its directive: 0 is the strictest. */
export interface Chosen {
  readonly directive: AnyDirective;
  readonly candidate: Candidate<unknown>;
  readonly index: number;
}

/** A candidate with why it is not taken. */
export interface Refused {
  readonly chosen: Chosen;
  readonly witness: Witness;
}

/** What a directive offers. */
export interface Offer {
  readonly directive: AnyDirective;
  /** Its whole ladder. */
  readonly ladder: readonly Chosen[];
  /** Those steps of it that may be tried: not withheld, enforced by the target, and refused by no rehearsal. */
  readonly open: readonly Chosen[];
  /** The others. */
  readonly closed: readonly Refused[];
  readonly notEnforced?: NotEnforced;
  readonly warning?: string;
}

/** The offers of all directives, by name. */
export function offersOf(prepared: Prepared): ReadonlyMap<string, Offer> {
  return new Map(prepared.directives.map((directive) => [directive.name, offerOf(prepared, directive)]));
}

function offerOf(prepared: Prepared, directive: AnyDirective): Offer {
  const { situation } = prepared;
  const { name } = directive;
  const ladder = ladderOf(directive, situation).map((candidate, index) => ({ directive, candidate, index }));
  const closed = ladder.flatMap((chosen): readonly Refused[] => {
    const witness = whyClosed(prepared, chosen);
    return witness === undefined ? [] : [{ chosen, witness }];
  });
  const open = ladder.filter((chosen) => !closed.some((each) => each.chosen === chosen));
  const reason = closed.flatMap(({ witness }) => (witness.kind === "not-enforced" ? [witness.reason] : []))[0];
  const says = typeof directive.ladder === "function" && saysNo(prepared, directive);
  return {
    ...{ directive, ladder, open, closed },
    ...(reason === undefined ? {} : { notEnforced: { name, reason } }),
    ...(says ? { warning: `${name}= is left alone: the unit itself turns it off` } : {}),
  };
}

function whyClosed(prepared: Prepared, chosen: Chosen): Witness | undefined {
  const { directive, candidate, index } = chosen;
  const { input } = prepared;
  if (saysNo(prepared, directive)) {
    return { kind: "unit" };
  }
  if (candidate.withheld !== undefined) {
    return { kind: "never", reason: candidate.withheld };
  }
  const useless =
    input.ineffective?.get(directive.name) ?? tooNew(prepared, directive) ?? valueTooNew(prepared, chosen);
  if (useless !== undefined) {
    return { kind: "not-enforced", reason: useless };
  }
  if (index < (input.skip?.get(directive.name) ?? 0)) {
    const failed = input.failed?.get(directive.name) ?? [];
    return { kind: "rehearsal", reason: failed[index] ?? failed.at(-1) ?? "the service breaks behind it" };
  }
  return undefined;
}

/**
 * Whether the unit itself says no to a directive. Whoever wrote that had a reason that a workload may not show, so
 * balanced leaves it; a reset of a list says nothing.
 */
function saysNo({ input }: Prepared, directive: AnyDirective): boolean {
  const value = input.values.get(directive.name);
  return input.level === "balanced" && value === directive.initial && typeof value !== "object" && value !== undefined;
}

function tooNew({ input: { host } }: Prepared, { since }: AnyDirective): string | undefined {
  return since > host.systemd ? `systemd ${host.systemd} does not know it; it came with ${since}` : undefined;
}

function valueTooNew({ input: { host } }: Prepared, { directive, candidate }: Chosen): string | undefined {
  const since = directive.valueSince?.(candidate.value) ?? 0;
  if (since <= host.systemd) {
    return undefined;
  }
  const text = directive.print(candidate.value, directive.initial, host.machine).join(" ");
  return `${text} came with systemd ${since}; this is ${host.systemd}`;
}

/**
 * The order in which walls are settled. Those that only make paths read-only come first, because others take paths out of
 * a read-only tree and need them closed by name. Those that set noexec come last: each path that they name is one that a
 * read-only tree no longer covers, so what the tree needs open must be known before.
 */
export function inOrder(prepared: Prepared, offers: readonly Offer[]): readonly Offer[] {
  const ranked = offers.map((offer) => ({ offer, rank: rankOf(prepared, offer) }));
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ offer }) => offer);
}

function rankOf({ situation }: Prepared, { directive, ladder }: Offer): 0 | 1 | 2 {
  const modes = ladder.flatMap(({ candidate }) =>
    wallsOf(directive, candidate.value, situation.unit).map((wall) =>
      wall.kind === "mount" ? wall.mode.kind : wall.kind,
    ),
  );
  if (modes.includes("no-exec")) {
    return 2;
  }
  return modes.length > 0 && modes.every((mode) => mode === "read-only" || mode === "keep") ? 0 : 1;
}
