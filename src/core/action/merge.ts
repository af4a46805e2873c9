/**
 * Observations of one service, from many hosts or many runs, made one. Merging is commutative, associative and
 * idempotent, so a fleet's observations can be reduced in any order, twice if need be.
 */
import { type Call, callOf, type Observation, type Peak, type Seen, type SeenAction } from "./action.ts";
import {
  compareTexts,
  orderedGaps,
  orderedHosts,
  orderedIdentities,
  orderedNeeds,
  orderedPhases,
  orderedTexts,
  seenKey,
} from "./order.ts";

function mergeSeen(a: Seen, b: Seen): Seen {
  return {
    action: a.action,
    result: a.result,
    phases: orderedPhases([...a.phases, ...b.phases]),
    identities: orderedIdentities([...a.identities, ...b.identities]),
    executables: orderedTexts([...a.executables, ...b.executables]),
    count: Math.max(a.count, b.count),
    hosts: orderedHosts([...a.hosts, ...b.hosts]),
  };
}

function canonicalCall({ abi, name, arguments: given, through }: Call): Call {
  return { abi, name, arguments: given, ...(through === undefined ? {} : { through }) };
}

function canonicalSeen(seen: Seen): Seen {
  const { needs } = seen.action;
  const call = callOf(seen.action);
  const written: SeenAction["call"] = call === undefined ? { kind: "none" } : canonicalCall(call);
  const action = { call: written, needs: orderedNeeds(needs) };
  return mergeSeen({ ...seen, action }, { ...seen, action });
}

function union(lists: readonly (readonly Seen[])[]): readonly Seen[] {
  const entries = new Map<string, Seen>();
  for (const list of lists) {
    for (const seen of list) {
      const key = seenKey(seen);
      const known = entries.get(key);
      entries.set(key, known === undefined ? canonicalSeen(seen) : mergeSeen(known, seen));
    }
  }
  return [...entries].sort(([a], [b]) => compareTexts(a, b)).map(([, seen]) => seen);
}

/** An observation in its one written order: every list sorted and without repetition. */
export function canonical(observation: Observation): Observation {
  return {
    schema: observation.schema,
    unit: observation.unit,
    seen: union([observation.seen]),
    gaps: orderedGaps(observation.gaps),
    phases: orderedPhases(observation.phases),
    ...peakOf(observation),
  };
}

/** The most of both. */
export function greatestPeak(a: Peak | undefined, b: Peak | undefined): Peak | undefined {
  if (a === undefined && b === undefined) {
    return undefined;
  }
  const most = (of: keyof Peak): number => Math.max(a?.[of] ?? 0, b?.[of] ?? 0);
  return { tasks: most("tasks"), memory: most("memory"), files: most("files") };
}

function peakOf(a: Observation, b?: Observation): Pick<Observation, "peak"> {
  const peak = greatestPeak(a.peak, b?.peak);
  return peak === undefined ? {} : { peak };
}

/**
 * Two observations as one, in canonical order: actions united, counts and the peak by maximum, of the hosts the sixteen smallest
 * hashes, gaps by code with the greatest count. Of two different unit names the smaller one stays; whoever asks for
 * the merge says whether that is meant.
 *
 * @example
 * import { merge } from "cloison";
 * import assert from "node:assert";
 * const a = { schema: "cloison.observation/2", unit: "a.service", seen: [], gaps: [], phases: ["stop"] };
 * const b = { ...a, phases: ["start"] };
 * assert.deepEqual(merge(a, b), merge(b, a));
 * assert.deepEqual(merge(a, b).phases, ["start", "stop"]);
 */
export function merge(a: Observation, b: Observation): Observation {
  return {
    schema: a.schema,
    unit: compareTexts(a.unit, b.unit) <= 0 ? a.unit : b.unit,
    seen: union([a.seen, b.seen]),
    gaps: orderedGaps([...a.gaps, ...b.gaps]),
    phases: orderedPhases([...a.phases, ...b.phases]),
    ...peakOf(a, b),
  };
}
