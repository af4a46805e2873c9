/**
 * Which capabilities a service needs for sure, probably, and at most, told from what it was seen to do; and an
 * observation with what a search by trial found. Facts: capabilities(7); the kernel's tracepoint capability:cap_capable,
 * where there is one, says what was asked for, which is more than what is needed.
 */
import type { Identity, Need, Observation, Seen } from "../action/action.ts";
import { canonical } from "../action/merge.ts";
import { worked } from "../directives/seen.ts";
import type { Capability } from "../kernel/capability.ts";
import { boundingOf } from "../sandbox/credentials.ts";
import { behind, judgeNeed } from "../sandbox/judge.ts";
import { setting } from "../sandbox/origin.ts";
import type { Sandbox, Wall } from "../sandbox/wall.ts";
import { changesMode, setsGroupId } from "../trace/capability/set-group-id.ts";
import { ANY_PATH, BY_POWER, plausibleCapabilities, usualScope } from "./plausible.ts";
import { isForcedBuffer } from "./regression.ts";

/** One capability, with an action that needs it if there is one to name. */
export interface CapabilityCandidate {
  readonly capability: Capability;
  readonly seen?: Seen;
}

/** Candidates in rings, each capability once, from what is least to what is most dangerous. */
export interface CapabilityCandidates {
  /** A call that worked is refused without it: nothing else could have let it through. */
  readonly certain: readonly CapabilityCandidate[];
  /** The kernel was asked for it, or owner and mode of a file stand against an access. */
  readonly likely: readonly CapabilityCandidate[];
  /** Files may be owned by others: that is not known of all that were used, nor at all times. */
  readonly files: readonly CapabilityCandidate[];
  /** Some call that was seen could need it in some case. */
  readonly possible: readonly CapabilityCandidate[];
  /** Everything else that the unit could have. */
  readonly rest: readonly CapabilityCandidate[];
}

/**
 * Capabilities whose check decides: it is made only where nothing else grants the call, and the call fails with it.
 * Others are asked one after the other (CAP_DAC_READ_SEARCH before CAP_DAC_OVERRIDE), or only change a detail.
 */
const DECISIVE: ReadonlySet<Capability> = new Set<Capability>([
  "CAP_CHOWN",
  "CAP_FOWNER",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
]);

/** The walls of each identity without any but its own ids and a bounding set. */
function bareWalls(sandbox: Sandbox): (identity: Identity | undefined, keep: readonly Capability[]) => readonly Wall[] {
  const own = sandbox.walls.filter(({ kind }) => kind === "identity" || kind === "ambient");
  return (identity, keep) => {
    const { walls } = identity === undefined ? { walls: own } : behind({ walls: own }, identity);
    return [...walls, { kind: "bounding", by: setting("CapabilityBoundingSet", ""), keep }];
  };
}

/** The capabilities any one of which would satisfy a need; empty if it is granted without them, or refused even with all. */
function wouldGrant(
  need: Need,
  wallsWith: (keep: readonly Capability[]) => readonly Wall[],
  available: readonly Capability[],
): readonly Capability[] {
  if (judgeNeed(wallsWith([]), need).kind !== "refused") {
    return [];
  }
  if (judgeNeed(wallsWith(available), need).kind === "refused") {
    return [];
  }
  return available.filter((capability) => judgeNeed(wallsWith([capability]), need).kind !== "refused");
}

/** A need and the capabilities of which any one suffices. */
interface Wish {
  readonly any: readonly Capability[];
  readonly seen: Seen;
}

/** What the needs of all actions amount to according to the model, without duplicates. */
function wishesOf(observation: Observation, sandbox: Sandbox, available: readonly Capability[]): readonly Wish[] {
  const bare = bareWalls(sandbox);
  const asked = new Map<string, readonly Capability[]>();
  const wishes = new Map<string, Wish>();
  for (const seen of observation.seen.filter((each) => worked(each) && !isForcedBuffer(each))) {
    const identities = seen.identities.length === 0 ? [undefined] : seen.identities;
    for (const need of seen.action.needs) {
      for (const identity of identities) {
        const key = JSON.stringify([identity?.uid, identity?.gid, need]);
        const any = asked.get(key) ?? wouldGrant(need, (keep) => bare(identity, keep), available);
        asked.set(key, any);
        const wish = any.join(" ");
        if (any.length > 0 && !wishes.has(wish)) {
          wishes.set(wish, { any, seen });
        }
      }
    }
  }
  return [...wishes.values()];
}

/** Satisfies each wish: those with a single candidate first, then, where needed, with the weakest candidate. */
function settle(wishes: readonly Wish[]): ReadonlyMap<Capability, Seen> {
  const chosen = new Map<Capability, Seen>();
  const byChoice = [...wishes].sort((a, b) => a.any.length - b.any.length);
  for (const { any, seen } of byChoice) {
    if (any.some((capability) => chosen.has(capability))) {
      continue;
    }
    const weakest = BY_POWER.find((capability) => any.includes(capability));
    if (weakest !== undefined) {
      chosen.set(weakest, seen);
    }
  }
  return chosen;
}

/**
 * The capabilities that the traces say were asked for, whether by the kernel's word or by the meaning of a call. That a
 * buffer was forced is no need; only the kernel could say that setsockopt was about something else.
 */
function askedFor(observation: Observation, traced: boolean): ReadonlyMap<Capability, Seen> {
  const found = new Map<Capability, Seen>();
  for (const seen of observation.seen.filter((each) => worked(each) && (traced || !isForcedBuffer(each)))) {
    for (const need of seen.action.needs) {
      if (need.kind !== "capability" || (need.or?.length ?? 0) > 0) {
        continue;
      }
      const known = found.get(need.capability);
      // Of several the one that says most in words: with an address or a path.
      if (known === undefined || known.action.needs.length < seen.action.needs.length) {
        found.set(need.capability, seen);
      }
    }
  }
  return found;
}

function ring(found: ReadonlyMap<Capability, Seen>, taken: Set<Capability>): readonly CapabilityCandidate[] {
  const fresh = BY_POWER.filter((capability) => found.has(capability) && !taken.has(capability));
  for (const capability of fresh) {
    taken.add(capability);
  }
  return fresh.flatMap((capability) => {
    const seen = found.get(capability);
    return seen === undefined ? [] : [{ capability, seen }];
  });
}

/**
 * Without CAP_FSETID a chmod drops the set-group-ID bit of a file whose group is not the caller's, and says nothing. The
 * trace tells whether it came to that; without one it does unless the file is known to be of the caller's group.
 */
function keepsGroupBit(seen: Seen, traced: boolean): boolean {
  const { needs } = seen.action;
  if (!changesMode(seen.action)) {
    return false;
  }
  if (traced) {
    return needs.some((need) => need.kind === "capability" && need.capability === "CAP_FSETID");
  }
  const groups = new Set(seen.identities.map(({ gid }) => gid));
  const own = needs.every((need) => need.kind !== "path" || (need.file !== undefined && groups.has(need.file.gid)));
  return setsGroupId(seen.action) && !own;
}

/** What is known to be needed or asked for, by the capability. */
function knownOf(
  observation: Observation,
  sandbox: Sandbox,
  traced: boolean,
): { readonly decisive: ReadonlyMap<Capability, Seen>; readonly asked: ReadonlyMap<Capability, Seen> } {
  const available = boundingOf(sandbox.walls);
  const modelled = settle(wishesOf(observation, sandbox, available));
  const asked = new Map([...askedFor(observation, traced), ...modelled]);
  const bit = observation.seen.find((seen) => worked(seen) && keepsGroupBit(seen, traced));
  const known = [...asked].filter(([capability]) => available.includes(capability));
  const decisive = new Map(known.filter(([capability]) => DECISIVE.has(capability)));
  if (bit !== undefined && available.includes("CAP_FSETID")) {
    decisive.set("CAP_FSETID", bit);
  }
  return { decisive, asked: new Map(known) };
}

/**
 * The capabilities that a service may need, from its observation and the walls that its unit has already: a capability
 * that those take away is no candidate. `traced`: the kernel was asked during the observation.
 */
export function capabilityCandidates(
  observation: Observation,
  sandbox: Sandbox,
  traced: boolean,
): CapabilityCandidates {
  const available = boundingOf(sandbox.walls);
  const { decisive, asked } = knownOf(observation, sandbox, traced);
  const plausible = new Map<Capability, Seen>();
  for (const seen of observation.seen.filter(worked)) {
    for (const capability of plausibleCapabilities(seen)) {
      if (available.includes(capability) && !plausible.has(capability)) {
        plausible.set(capability, seen);
      }
    }
  }
  const taken = new Set<Capability>();
  const certain = ring(decisive, taken);
  const likely = ring(asked, taken);
  const files = ring(new Map([...plausible].filter(([capability]) => ANY_PATH.includes(capability))), taken);
  const possible = ring(plausible, taken);
  const rest = BY_POWER.filter((capability) => available.includes(capability) && !taken.has(capability));
  return { certain, likely, files, possible, rest: rest.map((capability) => ({ capability })) };
}

/** The needs without those for capabilities that were found unnecessary. */
function keptNeeds(needs: readonly Need[], found: ReadonlySet<Capability>): readonly Need[] {
  return needs.filter(
    (need) => need.kind !== "capability" || [need.capability, ...(need.or ?? [])].some((each) => found.has(each)),
  );
}

/**
 * The observation with the capabilities that the service turned out to need, no more and no less, as needs: each beside
 * the action that it is for; what was only found by trying, as a call of its own without arguments. A search that was
 * not complete is a gap.
 */
export function withCapabilities(
  observation: Observation,
  candidates: CapabilityCandidates,
  { capabilities, complete }: { readonly capabilities: readonly Capability[]; readonly complete: boolean },
): Observation {
  const found = new Set(capabilities);
  const { certain, likely, files, possible, rest } = candidates;
  const origin = new Map([...certain, ...likely].map(({ capability, seen }) => [capability, seen]));
  const added = new Map<Seen, Need[]>();
  const alone: Seen[] = [];
  for (const capability of [...certain, ...likely, ...files, ...possible, ...rest].map((each) => each.capability)) {
    if (!found.has(capability)) {
      continue;
    }
    const need = { kind: "capability", capability, over: usualScope(capability) } as const;
    const seen = origin.get(capability);
    if (seen === undefined) {
      alone.push(triedOut(observation, need));
    } else if (!namesIt(seen, capability)) {
      added.set(seen, [...(added.get(seen) ?? []), need]);
    }
  }
  const seen = observation.seen.map((each) => {
    const needs = [...keptNeeds(each.action.needs, found), ...(added.get(each) ?? [])];
    return { ...each, action: { ...each.action, needs } };
  });
  const gaps = complete ? observation.gaps : [...observation.gaps, { code: "capabilities-untried", count: 1 } as const];
  return canonical({ ...observation, seen: [...seen, ...alone], gaps });
}

/** Whether an action has the need already: by name, or as a change of identity, which comes to the same. */
function namesIt({ action }: Seen, capability: Capability): boolean {
  return action.needs.some(
    (need) =>
      (need.kind === "capability" && need.capability === capability) ||
      (need.kind === "become" && need.uid !== undefined && capability === "CAP_SETUID") ||
      (need.kind === "become" && need.gid !== undefined && capability === "CAP_SETGID"),
  );
}

function triedOut(observation: Observation, need: Need): Seen {
  const { phases } = observation;
  return {
    action: { call: { kind: "none" }, needs: [need] },
    result: "ok",
    phases,
    identities: [],
    executables: [],
    count: 1,
    hosts: [],
  };
}
