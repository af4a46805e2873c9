/**
 * The smallest capability bounding set with which a service works, found by trying: its life in a box with nothing but
 * that set. Where the kernel tells what it is asked for (a tracepoint, since Linux 6.14) that is where the search begins,
 * else with what the model tells from the calls that were seen; both end with the same set.
 */
import { CAPABILITIES, type Capability } from "../../core/kernel/capability.ts";
import type { CapabilityCandidate, CapabilityCandidates } from "../../core/synthesis/capabilities.ts";
import { BY_POWER } from "../../core/synthesis/plausible.ts";
import { isForcedBuffer, regressions } from "../../core/synthesis/regression.ts";
import { firstBroken } from "./first-broken.ts";
import { prefer } from "./prefer.ts";
import type { Baseline } from "./problem.ts";
import { type Rehearsed, tryLife, watchLife } from "./trial.ts";

/** How many lives one search may take. */
const TRIALS = 24;

/** What a search found. When `complete` is false the service works with it, or the search ended without an answer. */
export interface SmallestCapabilities {
  /** Lowest bit first. */
  readonly capabilities: readonly Capability[];
  readonly complete: boolean;
  /** How many sets were tried. */
  readonly runs: number;
}

/**
 * Whether the service works with a set. `guess` says what is expected: a life that should fail is tried unwatched first,
 * because that is faster.
 */
export type CapabilityTrial = (capabilities: readonly Capability[], guess: "works" | "fails") => Promise<boolean>;

/** What the search is told beside the candidates. */
export interface SearchOptions {
  /** The certain and likely candidates are known to be enough: the kernel was asked for no others. */
  readonly enough?: boolean;
  readonly budget?: number;
}

/** The search itself, over whatever tells whether a set works. More capabilities must never do worse. */
export async function searchCapabilities(
  { certain, likely, files, possible, rest }: CapabilityCandidates,
  trial: CapabilityTrial,
  { enough = false, budget = TRIALS }: SearchOptions = {},
): Promise<SmallestCapabilities> {
  const base = names(certain);
  const answers = new Map<string, Promise<boolean>>();
  const ask: Ask = (more, guess) => {
    const set = inOrder([...base, ...more]);
    const key = set.join(" ");
    const known = answers.get(key);
    if (known !== undefined) {
      return known;
    }
    if (answers.size >= budget) {
      return Promise.resolve(undefined);
    }
    const answer = trial(set, guess);
    answers.set(key, answer);
    return answer;
  };
  const result = (more: readonly Capability[], complete: boolean): SmallestCapabilities => ({
    capabilities: inOrder([...base, ...more]),
    complete,
    runs: answers.size,
  });
  if (await baseWorks(names(likely), enough, ask)) {
    return result([], true);
  }
  const rings = [
    likely,
    [...likely, ...files],
    [...likely, ...files, ...possible],
    [...likely, ...files, ...possible, ...rest],
  ].map(names);
  const idle = names(
    likely.filter(
      ({ seen, capability }) => capability === "CAP_NET_ADMIN" && seen !== undefined && isForcedBuffer(seen),
    ),
  );
  const spares = (items: readonly Capability[], subset: readonly Capability[]): boolean =>
    items.every((item) => subset.includes(item) || idle.includes(item));
  for (const [index, items] of rings.entries()) {
    if (items.length === 0 || items.length === rings[index - 1]?.length) {
      continue;
    }
    if (!(index === 0 && enough) && !(await ask(items, "works"))) {
      continue;
    }
    const found = await prefer(items, (subset) => ask(subset, spares(items, subset) ? "works" : "fails"));
    return result(found.items, found.complete);
  }
  return result(names(likely), false);
}

type Ask = (more: readonly Capability[], guess: "works" | "fails") => Promise<boolean | undefined>;

/** Whether nothing is needed beside what is certain; meanwhile it is tried whether what is likely is enough. */
async function baseWorks(likely: readonly Capability[], enough: boolean, ask: Ask): Promise<boolean> {
  if (likely.length === 0) {
    return enough || (await ask([], "works")) === true;
  }
  const tries = await Promise.allSettled(enough ? [ask([], "fails")] : [ask([], "fails"), ask(likely, "works")]);
  for (const each of tries) {
    if (each.status === "rejected") {
      throw each.reason;
    }
  }
  return tries[0]?.status === "fulfilled" && tries[0].value === true;
}

/** Names from what is least to what is most dangerous: the search spares the last ones rather. */
function names(candidates: readonly CapabilityCandidate[]): readonly Capability[] {
  const found = new Set(candidates.map(({ capability }) => capability));
  return BY_POWER.filter((capability) => found.has(capability));
}

function inOrder(capabilities: readonly Capability[]): readonly Capability[] {
  return CAPABILITIES.filter((capability) => capabilities.includes(capability));
}

/** A drop-in with nothing but a bounding set. */
export function boundingSetDropIn(capabilities: readonly Capability[]): string {
  const line = capabilities.length === 0 ? "" : `CapabilityBoundingSet=${capabilities.join(" ")}\n`;
  return `[Service]\nCapabilityBoundingSet=\n${line}`;
}

/** Whether the service lives, and does nothing worse, in a box with only this set. */
function trialIn(rehearsed: Rehearsed, baseline: Baseline, say: (step: string) => void): CapabilityTrial {
  return async (capabilities, guess) => {
    say(`trying the capabilities ${capabilities.join(" ") || "none"}`);
    const dropIn = boundingSetDropIn(capabilities);
    if (guess === "fails" && firstBroken(baseline.life, await tryLife(rehearsed, dropIn)) !== undefined) {
      return false;
    }
    const { life, observation } = await watchLife(rehearsed, dropIn);
    return (
      firstBroken(baseline.life, life) === undefined && regressions(baseline.observation, observation).length === 0
    );
  };
}

/**
 * The smallest bounding set with which the service works as it was observed to. Throws a SystemError when no box can be
 * booted, or strace fails.
 */
export function smallestCapabilities(
  rehearsed: Rehearsed,
  baseline: Baseline,
  candidates: CapabilityCandidates,
  say: (step: string) => void,
  options: SearchOptions = {},
): Promise<SmallestCapabilities> {
  return searchCapabilities(candidates, trialIn(rehearsed, baseline, say), options);
}
