/** How often each call is made: the weights for the search for the cheapest tree. */
import { cacheableNumbers } from "../../bpf/cache.ts";
import { RETURN_ACTIONS } from "../../bpf/return-value.ts";
import { type Abi, tableOf } from "../../kernel/syscalls/syscall.ts";
import type { Canonical } from "../canonical/canonical.ts";
import { underArch } from "../canonical/intervals.ts";
import { returnNode } from "../diagram/diagram.ts";
import { restrict } from "../diagram/restrict.ts";
import { NUMBER_WORD } from "../diagram/words.ts";
import type { Segment } from "./dispatch.ts";

/** Counts of calls by number, for each ABI that was seen. */
export type CallProfile = { readonly [abi in Abi]?: ReadonlyMap<number, number> };

/** By AUDIT_ARCH: counts of numbers. */
export type Weights = ReadonlyMap<number, ReadonlyMap<number, number>>;

/**
 * Without a profile every call of the tables counts the same, and the first ABI of a policy this many times as much.
 */
const FIRST = 8;

function add(weights: Map<number, Map<number, number>>, abi: Abi, counts: ReadonlyMap<number, number>): void {
  const { audit } = tableOf(abi);
  const own = weights.get(audit) ?? new Map<number, number>();
  for (const [number, count] of counts) {
    own.set(number, (own.get(number) ?? 0) + count);
  }
  weights.set(audit, own);
}

/** Equal weights for all calls of an ABI's table. */
function uniformWeights(abis: readonly Abi[]): Weights {
  const found = new Map<number, Map<number, number>>();
  for (const [place, abi] of abis.entries()) {
    const weight = place === 0 ? FIRST : 1;
    add(found, abi, new Map(Object.values(tableOf(abi).numbers).map((number) => [number, weight])));
  }
  return found;
}

/**
 * Since Linux 5.11 a call that every filter always allows runs none, where the architecture has that cache; so the
 * other calls count this many times as much. Not infinitely: older kernels run the filter at every call.
 */
const UNCACHED = 8;

/** As often as they were seen, and more for calls at which this filter runs on every kernel. */
function weightsOfProfile(abis: readonly Abi[], profile: CallProfile, { diagrams, root }: Canonical): Weights {
  const found = new Map<number, Map<number, number>>();
  const allowed = returnNode(diagrams, RETURN_ACTIONS.ALLOW);
  for (const abi of abis) {
    const numbers = underArch(diagrams, root, tableOf(abi).audit);
    const cacheable = new Set(cacheableNumbers(abi));
    const cached = (number: number): boolean =>
      cacheable.has(number) && restrict(diagrams, numbers, NUMBER_WORD, number) === allowed;
    const counts = [...(profile[abi] ?? [])];
    add(found, abi, new Map(counts.map(([number, count]) => [number, cached(number) ? count : count * UNCACHED])));
  }
  return found;
}

/** The weights for a filter on some ABIs: from a profile, or equal for all calls. */
export function weightsOf(abis: readonly Abi[], profile: CallProfile | undefined, filter: Canonical): Weights {
  return profile === undefined ? uniformWeights(abis) : weightsOfProfile(abis, profile, filter);
}

/** The sum of some counts. */
export function totalOf(counts: ReadonlyMap<number, number> | undefined): number {
  let total = 0;
  for (const count of counts?.values() ?? []) {
    total += count;
  }
  return total;
}

/** At most this many frequent numbers get an interval of their own … */
const MOST_HOT = 24;
/** … if they make up at least one call in this many. */
const HOT = 200;

function hotNumbers(counts: ReadonlyMap<number, number>): ReadonlySet<number> {
  const total = totalOf(counts);
  const hot = [...counts].filter(([, count]) => count * HOT >= total);
  return new Set(
    hot
      .sort((a, b) => b[1] - a[1])
      .slice(0, MOST_HOT)
      .map(([number]) => number),
  );
}

/** Intervals as weighted segments; frequent numbers stand alone. */
export function weighed(
  starts: readonly number[],
  targets: readonly number[],
  counts: ReadonlyMap<number, number>,
): readonly Segment[] {
  const hot = hotNumbers(counts);
  const cuts = new Set(starts);
  for (const number of hot) {
    cuts.add(number).add(number + 1);
  }
  const sorted = [...cuts].filter((cut) => cut < 2 ** 32).sort((a, b) => a - b);
  const numbers = [...counts].sort(([a], [b]) => a - b);
  let interval = 0;
  let counted = 0;
  return sorted.map((from, place) => {
    const end = sorted[place + 1] ?? 2 ** 32;
    while ((starts[interval + 1] ?? 2 ** 32) <= from) {
      interval += 1;
    }
    let weight = 0;
    for (let entry = numbers[counted]; entry !== undefined && entry[0] < end; entry = numbers[counted]) {
      weight += entry[1];
      counted += 1;
    }
    return { from, single: end === from + 1, target: targets[interval] ?? 0, weight };
  });
}
